package kerasseq;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Stretches of text that are one token each, wherever they stand.
 *
 * They are found from the left; of two that begin at one place the longer counts.
 */
final class AddedTokens {
  /** A part of a text, and the token that it is, or null. */
  static final class Part {
    final String text;
    final String token;

    Part(String text, String token) {
      this.text = text;
      this.token = token;
    }
  }

  private final Map<String, String> tokens;
  private final List<Pattern> spaced = new ArrayList<>();
  private final Pattern any;

  /**
   * @param tokens from what is looked for to the token
   * @param sides on which side a space goes with it: "", "left", "right" or "both"
   */
  AddedTokens(Map<String, String> tokens, Map<String, ?> sides) {
    this.tokens = tokens;
    any = tokens.isEmpty() ? null : Pattern.compile("(" + any(tokens.keySet()) + ")");
    List<String> left = taking("left", sides), right = taking("right", sides);
    if (!left.isEmpty()) spaced.add(Pattern.compile(" (" + any(left) + ")"));
    if (!right.isEmpty()) spaced.add(Pattern.compile("(" + any(right) + ") "));
  }

  private List<String> taking(String side, Map<String, ?> sides) {
    List<String> found = new ArrayList<>();
    for (String token : tokens.keySet()) {
      Object own = sides.get(token);
      if (side.equals(own) || "both".equals(own)) found.add(token);
    }
    return found;
  }

  private static String any(Collection<String> names) {
    List<String> sorted = new ArrayList<>(names);
    sorted.sort((a, b) -> b.codePointCount(0, b.length()) - a.codePointCount(0, a.length()));
    List<String> quoted = new ArrayList<>();
    for (String each : sorted) quoted.add(Pattern.quote(each));
    return String.join("|", quoted);
  }

  /** The parts of a text, in order. */
  List<Part> split(String text) {
    List<Part> found = new ArrayList<>();
    if (any == null) {
      found.add(new Part(text, null));
      return found;
    }
    for (Pattern each : spaced) text = each.matcher(text).replaceAll("$1");
    Matcher matcher = any.matcher(text);
    int start = 0;
    for (; matcher.find(); start = matcher.end()) {
      found.add(new Part(text.substring(start, matcher.start()), null));
      found.add(new Part(matcher.group(), tokens.get(matcher.group())));
    }
    found.add(new Part(text.substring(start), null));
    return found;
  }
}
