import {AddedTokens} from "./added_tokens.js";
import {normalize} from "./cleaning.js";
import {KINDS, SentencePieceModel} from "./sentencepiece_model.js";
import {Tokenizer} from "./tokenizer_base.js";

// Each byte as a character that can be seen: those that can, themselves; the others from U+0100 on.
const seen = byte => (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
const EVERY = Array.from({length: 256}, (_, byte) => byte);
const HIDDEN = EVERY.filter(byte => !seen(byte));
const ALPHABET = EVERY.map(
  byte => String.fromCharCode(seen(byte) ? byte : 0x100 + HIDDEN.indexOf(byte)));
const BYTES = new Map(ALPHABET.map((letter, byte) => [letter, byte]));
// GPT-2's words, each with the space before it, in cleaned text.
const WORDS = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^ \p{L}\p{N}]+| +/gu;
const ENCODER = new TextEncoder();

/** Pieces of bytes by merges, as GPT-2, RoBERTa and BART cut them. */
export class BytePairTokenizer extends Tokenizer {
  crossesMarks = true;

  constructor(files, {prefix_space: prefixSpace = false, added_tokens: added = {}}) {
    super();
    this.prefixSpace = prefixSpace;
    this.model = new SentencePieceModel(files.get("sentencepiece.model"));
    const {pieces, kinds} = this.model;
    this.vocabulary = pieces.map((piece, id) => [KINDS.unknown, KINDS.control].includes(kinds[id])
      ? piece : Array.from(piece, letter => ALPHABET[letter.codePointAt(0)]).join(""));
    const names = Object.keys(added);
    this.added = new AddedTokens(new Map(names.map(each => [each, each])), added);
    this.numbers = new Map(names.map(each => [each, this.vocabulary.indexOf(each)]));
    this.contents = this.vocabulary.map(token => {
      const bytes = Array.from(token, letter => BYTES.get(letter));
      return names.includes(token) || bytes.includes(undefined) ? ENCODER.encode(token) : bytes;
    });
  }

  encode(text, prefixSpace = this.prefixSpace) {
    const found = [];
    for (const [part, token] of this.added.split(normalize(text))) {
      if (token !== null) {
        found.push(this.numbers.get(token));
        continue;
      }
      const spaced = prefixSpace && part && !part.startsWith(" ") ? ` ${part}` : part;
      for (const word of spaced.match(WORDS) ?? []) {
        const letters = Array.from(ENCODER.encode(word), byte => String.fromCharCode(byte));
        found.push(...this.model.encode(letters.join("")));
      }
    }
    return found;
  }

  encodeWord(word) {
    return this.encode(word, true);
  }

  tokens(text) {
    return this.encode(text).map(id => this.vocabulary[id]);
  }

  join(tokens) {
    const bytes = tokens.flatMap(each => typeof each === "string"
      ? [...ENCODER.encode(each)] : [...this.contents[each]]);
    return new TextDecoder("utf-8", {ignoreBOM: true}).decode(Uint8Array.from(bytes));
  }
}
