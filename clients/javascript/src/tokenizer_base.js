import {standsAlone} from "./cleaning.js";

/**
 * Text to token ids and back.
 *
 * `padId`, `unknownId`, `startId`, `endId` are what stands for padding, an unknown token, and the
 * two ends of a target; `leadIds`, `separatorIds` and `closeIds` what stands around texts that are
 * read in one row. `crossesMarks` says whether a token may hold a mark and what is beside it.
 */
export class Tokenizer {
  padId = 0;
  unknownId = 1;
  startId = 2;
  endId = 3;
  leadIds = [];
  separatorIds = [3];
  closeIds = [];
  crossesMarks = false;
  /** @type {string[]} the tokens in the order of their ids */
  vocabulary = [];

  /** Sets the symbols that another pretrained text encoder reads around a text. */
  setRow({lead = [], separator = [], close = []}) {
    const ids = tokens => tokens.map(token => this.vocabulary.indexOf(token));
    [this.leadIds, this.separatorIds, this.closeIds] = [lead, separator, close].map(ids);
  }

  /** One text to a list of ids. @param {string} text @returns {number[]} */
  encode(text) {
    return this.ids(this.tokens(text));
  }

  /** A word that stands in a sentence, to a list of ids. @param {string} word */
  encodeWord(word) {
    return this.encode(word);
  }

  /**
   * A list of ids to one text.
   *
   * @param {number[]} ids
   * @param {string[]} [unknown] what to write for an unknown token at each place
   */
  decode(ids, unknown) {
    const kept = [];
    for (let place = 0; place < ids.length && ids[place] !== this.endId; place++) {
      const id = ids[place];
      if (id !== this.padId && id !== this.startId) {
        kept.push(unknown?.length && id === this.unknownId ? unknown[place] : id);
      }
    }
    return this.join(kept);
  }

  /** A cleaned text cut before spaces and around marks: pairs of a stretch and its ids. */
  units(text) {
    if (this.crossesMarks) {
      throw new Error("Expected a tokenizer whose tokens cross no marks, to find answers with; "
        + `received ${this.constructor.name}. Use kerasseq's own runtime.`);
    }
    const found = [];
    let alone = true;
    for (const character of text.replaceAll("\x01", "")) {
      const single = standsAlone(character);
      if (alone || single || character === " ") found.push("");
      found[found.length - 1] += character;
      alone = single;
    }
    return found.map(each => [each, this.encode(each)]);
  }
}

/** The lines of a vocabulary's file. */
export const lines = content => new TextDecoder("utf-8", {ignoreBOM: true})
  .decode(content).split("\n").slice(0, -1);

/** A map from tokens to their ids; the first counts. */
export const numbered = (tokens, first = 0) => new Map(
  tokens.slice(first).map((token, i) => [token, i + first]));
