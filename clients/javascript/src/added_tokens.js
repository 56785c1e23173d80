const escaped = text => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
const size = text => [...text].length;

/** Stretches of text that are one token each, found from the left, the longer one first. */
export class AddedTokens {
  /**
   * @param {Map<string, string>} tokens from what is looked for to the token
   * @param {Object<string, string>} sides on which side a space goes with it
   */
  constructor(tokens, sides = {}) {
    this.tokens = tokens;
    const any = names => [...names].sort((a, b) => size(b) - size(a)).map(escaped).join("|");
    const taking = side => [...tokens.keys()].filter(each => [side, "both"].includes(sides[each]));
    const [left, right] = [taking("left"), taking("right")];
    this.spaced = [];
    if (left.length) this.spaced.push(new RegExp(` (${any(left)})`, "gu"));
    if (right.length) this.spaced.push(new RegExp(`(${any(right)}) `, "gu"));
    this.pattern = tokens.size ? new RegExp(`(${any(tokens.keys())})`, "u") : null;
  }

  /** The parts of a text in order: pairs of a part and null, or of a part and its token. */
  split(text) {
    if (!this.pattern) return [[text, null]];
    for (const pattern of this.spaced) text = text.replace(pattern, "$1");
    return text.split(this.pattern).map((part, i) => [part, i % 2 ? this.tokens.get(part) : null]);
  }
}
