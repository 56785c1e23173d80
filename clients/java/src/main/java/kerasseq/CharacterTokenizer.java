package kerasseq;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Code points as tokens. */
public final class CharacterTokenizer extends Tokenizer {
  private final boolean lowercase;
  private final boolean keepWhitespace;
  private final Map<String, Integer> numbers;

  CharacterTokenizer(Map<String, byte[]> files, Map<String, Object> config) {
    lowercase = Boolean.TRUE.equals(config.get("lowercase"));
    keepWhitespace = Boolean.TRUE.equals(config.get("keep_whitespace"));
    vocabulary = keepWhitespace
        ? Json.strings(Json.parse(
            new String(Bundle.part(files, "vocabulary.json"), StandardCharsets.UTF_8)))
        : lines(Bundle.part(files, "vocabulary.txt"));
    numbers = numbered(vocabulary, 4);
  }

  @Override
  public int[] encode(String text) {
    String cleaned = Cleaning.normalize(text, keepWhitespace);
    return (lowercase ? Cleaning.lowercase(cleaned) : cleaned).codePoints()
        .map(each -> numbers.getOrDefault(new String(Character.toChars(each)), unknownId))
        .toArray();
  }

  @Override
  String join(List<Object> tokens) {
    StringBuilder found = new StringBuilder();
    for (Object each : tokens) found.append(written(each));
    return found.toString();
  }

  @Override
  List<String> units(String text) {
    return wordsAndMarks(text);
  }
}
