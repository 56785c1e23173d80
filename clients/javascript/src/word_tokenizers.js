import {lowercase, normalize} from "./cleaning.js";
import {lines, numbered, Tokenizer} from "./tokenizer_base.js";

const JOINER = "￭";
const MARK = "([!-/:-@\\[-`{-~¡¿«»…“”„‚‘’–—])";
const CUT = [[MARK, " $1 "]];
const ATTACH = [
  [" ([.,!?;:%)\\]}…»”])", "$1"],
  ["([(\\[{«„¡¿]) ", "$1"],
  [" (['’/–-]) ", "$1"],
];
const CUT_WITH_JOINERS = [
  [JOINER, "■"],
  [MARK, "\0$1\0"],
  ["\0* \0*|^\0|\0$", " "],
  [`\0+${MARK}`, ` ${JOINER}$1`],
  ["\0", `${JOINER} `],
];
const ATTACH_WITH_JOINERS = [[` ?${JOINER} ?`, ""]];
const compiled = rules => rules.map(([pattern, by]) => [new RegExp(pattern, "g"), by]);
const replaced = (text, rules) => rules.reduce(
  (so, [pattern, by]) => so.replace(pattern, by), text);

/** Words as tokens, split at white space or also around punctuation. */
export class WordTokenizer extends Tokenizer {
  constructor(files, {lowercase, split, joiners = false}) {
    super();
    const marks = split === "punctuation";
    this.lowercase = lowercase;
    this.cut = compiled(marks ? joiners ? CUT_WITH_JOINERS : CUT : []);
    this.attach = compiled(marks ? joiners ? ATTACH_WITH_JOINERS : ATTACH : []);
    this.vocabulary = lines(files.get("vocabulary.txt"));
    this.numbers = numbered(this.vocabulary, 4);
  }

  tokens(text) {
    const cleaned = this.lowercase ? lowercase(normalize(text)) : normalize(text);
    return replaced(cleaned, this.cut).split(" ").filter(Boolean);
  }

  ids(tokens) {
    return tokens.map(token => this.numbers.get(token) ?? this.unknownId);
  }

  join(tokens) {
    const words = tokens.map(each => typeof each === "string" ? each : this.vocabulary[each]);
    return replaced(words.join(" "), this.attach);
  }
}

/** Code points as tokens. */
export class CharacterTokenizer extends Tokenizer {
  constructor(files, {lowercase, keep_whitespace: keepWhitespace = false}) {
    super();
    Object.assign(this, {lowercase, keepWhitespace});
    this.vocabulary = keepWhitespace
      ? JSON.parse(new TextDecoder().decode(files.get("vocabulary.json")))
      : lines(files.get("vocabulary.txt"));
    this.numbers = numbered(this.vocabulary, 4);
  }

  tokens(text) {
    const cleaned = normalize(text, this.keepWhitespace);
    return [...this.lowercase ? lowercase(cleaned) : cleaned];
  }

  ids(tokens) {
    return tokens.map(token => this.numbers.get(token) ?? this.unknownId);
  }

  join(tokens) {
    return tokens.map(each => typeof each === "string" ? each : this.vocabulary[each]).join("");
  }
}
