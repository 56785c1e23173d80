import {AddedTokens} from "./added_tokens.js";
import {ALONE, DROPPED, IDEOGRAPHS, lowercase, MARKS, normalize} from "./cleaning.js";
import {lines, numbered, Tokenizer} from "./tokenizer_base.js";

const LONGEST_WORD = 100;
const SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

/** The longest pieces that a vocabulary has, from the left, as BERT cuts words. */
export class WordPieceTokenizer extends Tokenizer {
  constructor(files, config) {
    super();
    const {lowercase, strip_accents: stripAccents} = config;
    const {added_tokens: added = {}, specials = SPECIALS} = config;
    Object.assign(this, {lowercase, stripAccents});
    const pieces = lines(files.get("vocab.txt"));
    this.pieces = numbered(pieces);
    const further = Object.keys(added).filter(token => !this.pieces.has(token));
    if (further.length > 1 && further.some(token => /^\d+$/.test(token))) {
      // JavaScript puts keys that are whole numbers first, and so loses the order of ids.
      throw new Error(
        `Expected added tokens that are no numbers; received ${further}. Name them otherwise.`);
    }
    this.vocabulary = [...pieces, ...further];
    this.numbers = numbered(this.vocabulary);
    const ids = specials.map(each => this.pieces.get(each));
    [, this.unknownId, this.startId, this.endId] = ids;
    [this.leadIds, this.separatorIds, this.closeIds] = [[ids[2]], [ids[3]], [ids[3]]];
    const inText = new Map(), inCleaned = new Map();
    for (const [token, cleaned] of Object.entries(added)) {
      const [where, found] = cleaned ? [inCleaned, this.cleanLetters(token)] : [inText, token];
      if (!where.has(found)) where.set(found, token);
    }
    this.inText = new AddedTokens(inText);
    this.inCleaned = new AddedTokens(inCleaned);
  }

  /** Text without controls, accents and capitals, and spaces around ideographs. */
  cleanLetters(text) {
    if (this.stripAccents) text = text.normalize("NFD").replace(MARKS, "");
    text = text.replace(DROPPED, "").replace(IDEOGRAPHS, " $& ");
    return this.lowercase ? lowercase(text.replaceAll("Σ", "σ")) : text;  // no final sigma
  }

  tokens(text) {
    const found = [];
    for (const [part, token] of this.inText.split(normalize(text))) {
      if (token !== null) {
        found.push(token);
        continue;
      }
      for (const [words, symbol] of this.inCleaned.split(this.cleanLetters(part))) {
        if (symbol !== null) found.push(symbol);
        else found.push(...words.replace(ALONE, " $& ").split(" ").flatMap(word => this.cut(word)));
      }
    }
    return found;
  }

  /** The pieces of one word; the unknown token alone when a part is in no piece. */
  cut(word) {
    const letters = [...word], found = [];
    for (let start = 0; start < letters.length;) {
      let end = letters.length <= LONGEST_WORD ? letters.length : start, piece = null;
      for (; end > start; end--) {
        piece = (start ? "##" : "") + letters.slice(start, end).join("");
        if (this.pieces.has(piece)) break;
      }
      if (end === start) return [this.vocabulary[this.unknownId]];
      found.push(piece);
      start = end;
    }
    return found;
  }

  ids(tokens) {
    return tokens.map(token => this.numbers.get(token));
  }

  join(tokens) {
    const words = tokens.map(each => typeof each === "string" ? each : this.vocabulary[each]);
    return words.join(" ").replaceAll(" ##", "");
  }
}
