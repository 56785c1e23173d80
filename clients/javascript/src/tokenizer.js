import {BytePairTokenizer} from "./byte_pair_tokenizer.js";
import {CharacterTokenizer, WordTokenizer} from "./word_tokenizers.js";
import {SentencePieceTokenizer} from "./sentencepiece_tokenizer.js";
import {Tokenizer} from "./tokenizer_base.js";
import {WordPieceTokenizer} from "./wordpiece_tokenizer.js";

export {Tokenizer};

const TOKENIZERS = {
  BytePairTokenizer, CharacterTokenizer, SentencePieceTokenizer, WordPieceTokenizer, WordTokenizer};

/**
 * A tokenizer of its files.
 *
 * @param {Object} description what `tokenizer.json` holds
 * @param {Map<string, Uint8Array>} files the folder's files by name
 * @returns {Tokenizer}
 */
export function loadTokenizer(description, files) {
  if (!Object.hasOwn(TOKENIZERS, description.class)) {
    throw new Error(`Expected a tokenizer of ${Object.keys(TOKENIZERS).join(", ")}; received `
      + `${description.class}. Use a newer reader.`);
  }
  for (const name of Object.keys(description.files)) {
    if (!files.has(name)) {
      throw new Error(`Expected ${name} beside tokenizer.json; received none. Export it again.`);
    }
  }
  const tokenizer = new TOKENIZERS[description.class](files, description.config);
  if (description.row) tokenizer.setRow(description.row);
  return tokenizer;
}
