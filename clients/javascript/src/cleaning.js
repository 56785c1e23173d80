/** The cleaning that every text passes first, and the kinds of characters. */

const SPACES = "\\t\\n\\v\\f\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f"
  + "\\u3000";
const UNSEEN = "\\0\\ufeff\\xad\\u200b\\u2060\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069";
const JOINERS = "\\u200c\\u200d";
// What a joiner may stand beside.
const JOINED = "\\u0600-\\u07ff\\u0840-\\u08ff\\u0900-\\u109f\\u1780-\\u18af\\u1900-\\u1cff\\u20e3"
  + "\\u2194\\u2195\\u2600-\\u27bf\\u2b00-\\u2bff\\ua840-\\ua87f\\ua8e0-\\ua8ff\\ua980-\\ua9df"
  + "\\uaa00-\\uaaff\\uabc0-\\uabff\\ufb50-\\ufdff\\ufe0f\\ufe70-\\ufefe"
  + "\\u{10a00}-\\u{10aff}\\u{10d00}-\\u{10fff}"
  + "\\u{11000}-\\u{11fff}\\u{1e900}-\\u{1e95f}\\u{1f000}-\\u{1faff}\\u{e0020}-\\u{e007f}";
const HIDDEN = new RegExp(`[${UNSEEN}]+`, "gu");
const LOST_JOINER = new RegExp(
  `(^|[^${JOINERS}${JOINED}])[${JOINERS}]+([^${JOINERS}${JOINED}]|$)`, "gu");
const WHITE = new RegExp(`[${SPACES}]+`, "gu");
// Marks newer than Unicode 14: a text that holds one is not composed.
const NEWER_MARKS = new RegExp(
  "[\\u05c8\\u05c9\\u0897\\u1acf-\\u1af0\\u{105c9}\\u{105d2}\\u{105da}\\u{105e4}"
  + "\\u{10d69}-\\u{10d6d}"
  + "\\u{10ecb}-\\u{10ecf}\\u{10ef0}-\\u{10efb}\\u{10efd}-\\u{10eff}\\u{11382}-\\u{11385}\\u{1138b}"
  + "\\u{1138e}\\u{11390}\\u{11391}\\u{113b8}\\u{113bb}\\u{113c2}\\u{113c5}\\u{113c7}-\\u{113c9}"
  + "\\u{113ce}-\\u{113d0}\\u{11f41}\\u{11f42}\\u{1611e}-\\u{16129}\\u{1612f}\\u{16d63}"
  + "\\u{16d67}-\\u{16d6a}\\u{1d127}\\u{1d128}\\u{1d250}-\\u{1d252}\\u{1d25b}\\u{1d25c}\\u{1d25f}"
  + "\\u{1d280}\\u{1d281}\\u{1e08f}\\u{1e4ec}-\\u{1e4ef}\\u{1e5ee}\\u{1e5ef}\\u{1e6e3}\\u{1e6e6}"
  + "\\u{1e6ee}\\u{1e6ef}\\u{1e6f5}]", "u");
// Capitals newer than Unicode 13 stay as they are.
const NEWER_CAPITALS = new RegExp(
  "([\\u1c89\\u2c2f\\ua7c0\\ua7cb\\ua7cc\\ua7d0\\ua7d2\\ua7d4\\ua7d6\\ua7d8\\ua7da\\ua7dc"
  + "\\u{10570}-\\u{10595}\\u{10d50}-\\u{10d65}\\u{16ea0}-\\u{16eb8}])", "u");

/**
 * Cleans a text.
 *
 * @param {string} text
 * @param {boolean} keepWhitespace white space and line breaks stay as they stand
 */
export function normalize(text, keepWhitespace = false) {
  text = text.replace(/\p{Cs}/gu, "\ufffd");  // half of a surrogate pair
  text = text.replace(HIDDEN, "").replace(LOST_JOINER, "$1$2").replace(LOST_JOINER, "$1$2");
  if (!keepWhitespace) text = text.replace(WHITE, " ");
  text = text.replace(/\ufffd+/gu, "\ufffd");
  if (!NEWER_MARKS.test(text)) text = text.normalize("NFC");
  return keepWhitespace ? text : text.replace(/^ +| +$/g, "");
}

/** Lower-cases a cleaned text. */
export function lowercase(text) {
  return text.split(NEWER_CAPITALS).map((part, i) => i % 2 ? part : part.toLowerCase()).join("");
}

const IDEOGRAPH = "\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{2a6df}"
  + "\\u{2a700}-\\u{2b81f}\\u{2b920}-\\u{2ceaf}\\u{2f800}-\\u{2fa1f}";
/** Control, format and private characters, and what stands for broken text. */
export const DROPPED = /[\p{Cc}\p{Cf}\p{Co}\ufffd]/gu;
/** Marks that combine with the letter before. */
export const MARKS = /\p{Mn}/gu;
/** Chinese ideographs. */
export const IDEOGRAPHS = new RegExp(`[${IDEOGRAPH}]`, "gu");
/** What is a word by itself: ASCII's marks, all other punctuation, ideographs. */
export const ALONE = new RegExp(`[!-/:-@\\[-\`{-~\\p{P}${IDEOGRAPH}]`, "gu");
const ONE_ALONE = new RegExp(`^${ALONE.source}$`, "u");

/** Whether a character is a word by itself. */
export const standsAlone = character => ONE_ALONE.test(character);
