package kerasseq;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Words as tokens, split at white space or also around punctuation. */
public final class WordTokenizer extends Tokenizer {
  private static final String JOINER = "￭";
  private static final String MARK = "([!-/:-@\\[-`\\{-~¡¿«»…“”„‚‘’–—])";
  private static final String[][] NONE = {};
  private static final String[][] CUT = {{MARK, " $1 "}};
  private static final String[][] ATTACH = {
    {" ([.,!?;:%)\\]\\}…»”])", "$1"},
    {"([(\\[\\{«„¡¿]) ", "$1"},
    {" (['’/–-]) ", "$1"},
  };
  private static final String[][] CUT_WITH_JOINERS = {
    {JOINER, "■"},
    {MARK, "\0$1\0"},
    {"\\x00* \\x00*|^\\x00|\\x00\\z", " "},
    {"\\x00+" + MARK, " " + JOINER + "$1"},
    {"\\x00", JOINER + " "},
  };
  private static final String[][] ATTACH_WITH_JOINERS = {{" ?" + JOINER + " ?", ""}};

  private final boolean lowercase;
  private final String[][] cut;
  private final String[][] attach;
  private final Map<String, Integer> numbers;

  WordTokenizer(Map<String, byte[]> files, Map<String, Object> config) {
    lowercase = Boolean.TRUE.equals(config.get("lowercase"));
    boolean marks = "punctuation".equals(config.get("split"));
    boolean joiners = Boolean.TRUE.equals(config.get("joiners"));
    cut = marks ? joiners ? CUT_WITH_JOINERS : CUT : NONE;
    attach = marks ? joiners ? ATTACH_WITH_JOINERS : ATTACH : NONE;
    vocabulary = lines(Bundle.part(files, "vocabulary.txt"));
    numbers = numbered(vocabulary, 4);
  }

  private static String replaced(String text, String[][] rules) {
    for (String[] each : rules) text = Pattern.compile(each[0]).matcher(text).replaceAll(each[1]);
    return text;
  }

  @Override
  List<String> words(String text) {
    String cleaned = Cleaning.normalize(text, false);
    List<String> found = new ArrayList<>();
    if (lowercase) cleaned = Cleaning.lowercase(cleaned);
    for (String word : replaced(cleaned, cut).split(" ")) {
      if (!word.isEmpty()) found.add(word);
    }
    return found;
  }

  @Override
  public int[] encode(String text) {
    return words(text).stream().mapToInt(each -> numbers.getOrDefault(each, unknownId)).toArray();
  }

  @Override
  String join(List<Object> tokens) {
    List<String> words = new ArrayList<>();
    for (Object each : tokens) words.add(written(each));
    return replaced(String.join(" ", words), attach);
  }

  @Override
  List<String> units(String text) {
    return wordsAndMarks(text);
  }
}
