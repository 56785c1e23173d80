package kerasseq;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as Java's own maps (in their order), lists, strings, Long, Double, Boolean and null. */
final class Json {
  private static final int DEEPEST = 64;

  private final String text;
  private int place;

  private Json(String text) {
    this.text = text;
  }

  /**
   * Reads a value.
   *
   * @throws IllegalArgumentException for what is no JSON
   */
  static Object parse(String text) {
    Json reader = new Json(text);
    Object found = reader.value(0);
    reader.space();
    if (reader.place < text.length()) throw reader.wrong();
    return found;
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> object(Object value) {
    if (value instanceof Map) return (Map<String, Object>) value;
    throw new IllegalArgumentException(
        "Expected an object in JSON; received " + value + ". Export the file again.");
  }

  static List<?> list(Object value) {
    return value == null ? Collections.emptyList() : (List<?>) value;
  }

  static List<String> strings(Object value) {
    List<String> found = new ArrayList<>();
    for (Object each : list(value)) found.add((String) each);
    return found;
  }

  static int[] ints(Object value) {
    return list(value).stream().mapToInt(each -> ((Number) each).intValue()).toArray();
  }

  private Object value(int depth) {
    if (depth > DEEPEST) throw wrong();
    space();
    char first = peek();
    if (first == '{') return object(depth);
    if (first == '[') return array(depth);
    if (first == '"') return string();
    for (String word : Arrays.asList("true", "false", "null", "NaN", "Infinity", "-Infinity")) {
      if (text.startsWith(word, place)) {
        place += word.length();
        if (word.equals("null")) return null;
        return word.endsWith("e") ? (Object) word.equals("true") : (Object) Double.valueOf(word);
      }
    }
    int start = place;
    while (place < text.length() && "+-.0123456789eE".indexOf(text.charAt(place)) >= 0) place++;
    String number = text.substring(start, place);
    try {
      return number.matches("-?\\d{1,18}") ? (Object) Long.valueOf(number) : Double.valueOf(number);
    } catch (NumberFormatException error) {
      throw wrong();
    }
  }

  private Map<String, Object> object(int depth) {
    Map<String, Object> found = new LinkedHashMap<>();
    place++;
    for (space(); peek() != '}'; space()) {
      if (!found.isEmpty()) take(',');
      space();
      String key = string();
      space();
      take(':');
      found.put(key, value(depth + 1));
    }
    place++;
    return found;
  }

  private List<Object> array(int depth) {
    List<Object> found = new ArrayList<>();
    place++;
    for (space(); peek() != ']'; space()) {
      if (!found.isEmpty()) take(',');
      found.add(value(depth + 1));
    }
    place++;
    return found;
  }

  private String string() {
    StringBuilder found = new StringBuilder();
    take('"');
    for (char next; (next = peek()) != '"'; ) {
      place++;
      if (next != '\\') {
        found.append(next);
        continue;
      }
      char escaped = peek();
      place++;
      int known = "bfnrt".indexOf(escaped);
      if (escaped == 'u') {
        if (place + 4 > text.length()) throw wrong();
        found.append((char) Integer.parseInt(text.substring(place, place + 4), 16));
        place += 4;
      } else {
        found.append(known < 0 ? escaped : "\b\f\n\r\t".charAt(known));
      }
    }
    place++;
    return found.toString();
  }

  private void space() {
    while (place < text.length() && " \t\r\n".indexOf(text.charAt(place)) >= 0) place++;
  }

  private char peek() {
    if (place >= text.length()) throw wrong();
    return text.charAt(place);
  }

  private void take(char expected) {
    if (peek() != expected) throw wrong();
    place++;
  }

  private IllegalArgumentException wrong() {
    return new IllegalArgumentException(
        "Expected JSON; received something else at character " + place + ". Export it again.");
  }
}
