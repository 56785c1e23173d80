package kerasseq;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The longest pieces that a vocabulary has, from the left, as BERT cuts words. */
public final class WordPieceTokenizer extends Tokenizer {
  private static final int LONGEST_WORD = 100;
  private static final List<String> SPECIALS =
      Arrays.asList("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");

  private final boolean lowercase;
  private final boolean stripAccents;
  private final Map<String, Integer> pieces;
  private final Map<String, Integer> numbers;
  private final AddedTokens inText;
  private final AddedTokens inCleaned;

  WordPieceTokenizer(Map<String, byte[]> files, Map<String, Object> config) {
    lowercase = Boolean.TRUE.equals(config.get("lowercase"));
    stripAccents = Boolean.TRUE.equals(config.get("strip_accents"));
    vocabulary = lines(Bundle.part(files, "vocab.txt"));
    pieces = numbered(vocabulary, 0);
    Object named = config.get("specials");
    List<String> specials = named == null ? SPECIALS : Json.strings(named);
    unknownId = pieces.get(specials.get(1));
    startId = pieces.get(specials.get(2));
    endId = pieces.get(specials.get(3));
    leadIds = new int[] {startId};
    separatorIds = new int[] {endId};
    closeIds = new int[] {endId};
    Map<String, String> asWritten = new LinkedHashMap<>(), cleaned = new LinkedHashMap<>();
    Object added = config.get("added_tokens");
    if (added != null) {
      Json.object(added).forEach((token, inCleanedText) -> {
        if (!pieces.containsKey(token)) vocabulary.add(token);
        if (Boolean.TRUE.equals(inCleanedText)) cleaned.putIfAbsent(cleanLetters(token), token);
        else asWritten.putIfAbsent(token, token);
      });
    }
    numbers = numbered(vocabulary, 0);
    inText = new AddedTokens(asWritten, Collections.emptyMap());
    inCleaned = new AddedTokens(cleaned, Collections.emptyMap());
  }

  /** Text without controls, accents and capitals, and spaces around ideographs. */
  private String cleanLetters(String text) {
    if (stripAccents) {
      text = Normalizer.normalize(text, Normalizer.Form.NFD);
      text = Cleaning.MARKS.matcher(text).replaceAll("");
    }
    text = Cleaning.DROPPED.matcher(text).replaceAll("");
    text = Cleaning.IDEOGRAPHS.matcher(text).replaceAll(" $0 ");
    return lowercase ? Cleaning.lowercase(text.replace('Σ', 'σ')) : text;  // no final sigma
  }

  @Override
  public int[] encode(String text) {
    List<Integer> found = new ArrayList<>();
    for (AddedTokens.Part part : inText.split(Cleaning.normalize(text, false))) {
      if (part.token != null) {
        found.add(numbers.get(part.token));
        continue;
      }
      for (AddedTokens.Part words : inCleaned.split(cleanLetters(part.text))) {
        if (words.token != null) {
          found.add(numbers.get(words.token));
          continue;
        }
        for (String word : Cleaning.ALONE.matcher(words.text).replaceAll(" $0 ").split(" ")) {
          cut(word, found);
        }
      }
    }
    return ints(found);
  }

  /** Adds the pieces of one word; the unknown token alone when a part is in no piece. */
  private void cut(String word, List<Integer> found) {
    int[] letters = word.codePoints().toArray();
    int before = found.size();
    for (int start = 0; start < letters.length; ) {
      int end = letters.length <= LONGEST_WORD ? letters.length : start;
      Integer id = null;
      for (; end > start && id == null; end--) {
        id = pieces.get((start > 0 ? "##" : "") + new String(letters, start, end - start));
      }
      if (id == null) {
        found.subList(before, found.size()).clear();
        found.add(unknownId);
        return;
      }
      found.add(id);
      start = end + 1;
    }
  }

  @Override
  String join(List<Object> tokens) {
    List<String> words = new ArrayList<>();
    for (Object each : tokens) words.add(written(each));
    return String.join(" ", words).replace(" ##", "");
  }

  @Override
  List<String> units(String text) {
    return wordsAndMarks(text);
  }
}
