import {AddedTokens} from "./added_tokens.js";
import {lowercase, normalize} from "./cleaning.js";
import {BLANK, SentencePieceModel} from "./sentencepiece_model.js";
import {Tokenizer} from "./tokenizer_base.js";

/** The pieces of a trained SentencePiece model. */
export class SentencePieceTokenizer extends Tokenizer {
  crossesMarks = true;

  constructor(files, {lowercase = false, added_tokens: added = {}}) {
    super();
    this.lowercase = lowercase;
    this.model = new SentencePieceModel(files.get("sentencepiece.model"));
    this.vocabulary = this.model.pieces;
    const names = Object.keys(added);
    this.added = new AddedTokens(new Map(names.map(each => [each, each])), added);
    this.keepWhitespace = !names.length && this.model.normalize("a  b").includes(BLANK + BLANK);
    // A space that is left before an added token is a piece of its own.
    this.marksSpaces = names.length > 0 && !this.model.encode(" ").length;
  }

  encode(text) {
    const cleaned = normalize(text, this.keepWhitespace), found = [];
    for (const [part, token] of this.added.split(this.lowercase ? lowercase(cleaned) : cleaned)) {
      if (token !== null) {
        found.push(this.model.idOf(token));
        continue;
      }
      found.push(...this.model.encode(part));
      if (this.marksSpaces && part.endsWith(" ")) found.push(this.model.idOf(BLANK));
    }
    return found;
  }

  tokens(text) {
    return this.encode(text).map(id => this.vocabulary[id]);
  }

  join(tokens) {
    return this.model.decode(tokens);
  }
}
