package kerasseq;

import java.text.Normalizer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The cleaning that every text passes first, and the kinds of characters. */
public final class Cleaning {
  private static final String SPACES =
      "\\t\\n\\x0b\\f\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
  private static final String UNSEEN =
      "\\x00\\ufeff\\xad\\u200b\\u2060\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069";
  private static final String JOINERS = "\\u200c\\u200d";
  // What a joiner may stand beside.
  private static final String JOINED =
      "\\u0600-\\u07ff\\u0840-\\u08ff\\u0900-\\u109f\\u1780-\\u18af\\u1900-\\u1cff\\u20e3\\u2194"
          + "\\u2195\\u2600-\\u27bf\\u2b00-\\u2bff\\ua840-\\ua87f\\ua8e0-\\ua8ff\\ua980-\\ua9df"
          + "\\uaa00-\\uaaff\\uabc0-\\uabff\\ufb50-\\ufdff\\ufe0f\\ufe70-\\ufefe"
          + "\\x{10a00}-\\x{10aff}\\x{10d00}-\\x{10fff}\\x{11000}-\\x{11fff}\\x{1e900}-\\x{1e95f}"
          + "\\x{1f000}-\\x{1faff}\\x{e0020}-\\x{e007f}";
  private static final Pattern HALVES = Pattern.compile("\\p{Cs}");
  private static final Pattern HIDDEN = Pattern.compile("[" + UNSEEN + "]+");
  private static final Pattern LOST_JOINER = Pattern.compile(
      "(^|[^" + JOINERS + JOINED + "])[" + JOINERS + "]+([^" + JOINERS + JOINED + "]|\\z)");
  private static final Pattern WHITE = Pattern.compile("[" + SPACES + "]+");
  private static final Pattern BROKEN = Pattern.compile("\\ufffd+");
  private static final Pattern ENDS = Pattern.compile("^ +| +\\z");
  // Marks newer than Unicode 14: a text that holds one is not composed.
  private static final Pattern NEWER_MARKS = Pattern.compile(
      "[\\u05c8\\u05c9\\u0897\\u1acf-\\u1af0\\x{105c9}\\x{105d2}\\x{105da}\\x{105e4}"
          + "\\x{10d69}-\\x{10d6d}\\x{10ecb}-\\x{10ecf}\\x{10ef0}-\\x{10efb}\\x{10efd}-\\x{10eff}"
          + "\\x{11382}-\\x{11385}\\x{1138b}\\x{1138e}\\x{11390}\\x{11391}\\x{113b8}\\x{113bb}"
          + "\\x{113c2}\\x{113c5}\\x{113c7}-\\x{113c9}\\x{113ce}-\\x{113d0}\\x{11f41}\\x{11f42}"
          + "\\x{1611e}-\\x{16129}\\x{1612f}\\x{16d63}\\x{16d67}-\\x{16d6a}\\x{1d127}\\x{1d128}"
          + "\\x{1d250}-\\x{1d252}\\x{1d25b}\\x{1d25c}\\x{1d25f}\\x{1d280}\\x{1d281}\\x{1e08f}"
          + "\\x{1e4ec}-\\x{1e4ef}\\x{1e5ee}\\x{1e5ef}\\x{1e6e3}\\x{1e6e6}\\x{1e6ee}\\x{1e6ef}"
          + "\\x{1e6f5}]");
  // Capitals newer than Unicode 13 stay as they are.
  private static final Pattern NEWER_CAPITALS = Pattern.compile(
      "[\\u1c89\\u2c2f\\ua7c0\\ua7cb\\ua7cc\\ua7d0\\ua7d2\\ua7d4\\ua7d6\\ua7d8\\ua7da\\ua7dc"
          + "\\x{10570}-\\x{10595}\\x{10d50}-\\x{10d65}\\x{16ea0}-\\x{16eb8}]");
  private static final String IDEOGRAPH =
      "\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\x{20000}-\\x{2a6df}\\x{2a700}-\\x{2b81f}"
          + "\\x{2b920}-\\x{2ceaf}\\x{2f800}-\\x{2fa1f}";
  /** Control, format and private characters, and what stands for broken text. */
  static final Pattern DROPPED = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Co}\\ufffd]");
  /** Marks that combine with the letter before. */
  static final Pattern MARKS = Pattern.compile("\\p{Mn}");
  /** Chinese ideographs. */
  static final Pattern IDEOGRAPHS = Pattern.compile("[" + IDEOGRAPH + "]");
  /** What is a word by itself: ASCII's marks, all other punctuation, ideographs. */
  static final Pattern ALONE = Pattern.compile("[!-/:-@\\[-`\\{-~\\p{P}" + IDEOGRAPH + "]");
  // Beside marks, formats, modifiers and their like these do not end a word's case.
  private static final String WITHIN_WORDS =
      "'.:^`\u00a8\u00ad\u00af\u00b4\u00b7\u00b8\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13"
          + "\ufe52\ufe55\uff07\uff0e\uff1a";

  private Cleaning() {}

  /**
   * Cleans a text.
   *
   * @param keepWhitespace white space and line breaks stay as they stand
   */
  public static String normalize(String text, boolean keepWhitespace) {
    text = HALVES.matcher(text).replaceAll("\ufffd");
    text = HIDDEN.matcher(text).replaceAll("");
    for (int twice = 0; twice < 2; twice++) text = LOST_JOINER.matcher(text).replaceAll("$1$2");
    if (!keepWhitespace) text = WHITE.matcher(text).replaceAll(" ");
    text = BROKEN.matcher(text).replaceAll("\ufffd");
    if (!NEWER_MARKS.matcher(text).find()) text = Normalizer.normalize(text, Normalizer.Form.NFC);
    return keepWhitespace ? text : strip(text);
  }

  /** Without spaces at the ends. */
  static String strip(String text) {
    return ENDS.matcher(text).replaceAll("");
  }

  /** Lower-cases a cleaned text, in every language alike. */
  static String lowercase(String text) {
    StringBuilder found = new StringBuilder();
    Matcher newer = NEWER_CAPITALS.matcher(text);
    int start = 0;
    for (; newer.find(); start = newer.end()) {
      lowercase(text.substring(start, newer.start()), found);
      found.append(newer.group());
    }
    lowercase(text.substring(start), found);
    return found.toString();
  }

  private static void lowercase(String part, StringBuilder found) {
    int[] letters = part.codePoints().toArray();
    for (int place = 0; place < letters.length; place++) {
      int letter = letters[place];
      if (letter == 0x130) {
        found.append("i\u0307");
      } else if (letter == 0x3a3) {  // sigma: another at a word's end
        boolean last = besideCased(letters, place, -1) && !besideCased(letters, place, 1);
        found.append(last ? '\u03c2' : '\u03c3');
      } else {
        found.appendCodePoint(Character.toLowerCase(letter));
      }
    }
  }

  private static boolean besideCased(int[] letters, int place, int step) {
    int beside = place + step;
    while (beside >= 0 && beside < letters.length && ignoresCase(letters[beside])) beside += step;
    return beside >= 0 && beside < letters.length && (Character.isLowerCase(letters[beside])
        || Character.isUpperCase(letters[beside]) || Character.isTitleCase(letters[beside]));
  }

  private static boolean ignoresCase(int letter) {
    switch (Character.getType(letter)) {
      case Character.NON_SPACING_MARK:
      case Character.ENCLOSING_MARK:
      case Character.FORMAT:
      case Character.MODIFIER_LETTER:
      case Character.MODIFIER_SYMBOL:
        return true;
      default:
        return WITHIN_WORDS.indexOf(letter) >= 0;
    }
  }
}
