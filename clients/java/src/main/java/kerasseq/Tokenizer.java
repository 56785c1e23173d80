package kerasseq;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Text to token ids and back. */
public abstract class Tokenizer {
  public final int padId = 0;
  public int unknownId = 1;
  public int startId = 2;
  public int endId = 3;
  /** What stands before, between and behind the texts that are read in one row. */
  int[] leadIds = {};
  int[] separatorIds = {3};
  int[] closeIds = {};
  /** The tokens in the order of their ids. */
  protected List<String> vocabulary = new ArrayList<>();

  /** A tokenizer of its folder's files, of which {@code tokenizer.json} was read. */
  static Tokenizer load(Map<String, Object> description, Map<String, byte[]> files) {
    Map<String, Object> config = Json.object(description.get("config"));
    String kind = String.valueOf(description.get("class"));
    Tokenizer found;
    switch (kind) {
      case "BytePairTokenizer": found = new BytePairTokenizer(files, config); break;
      case "CharacterTokenizer": found = new CharacterTokenizer(files, config); break;
      case "SentencePieceTokenizer": found = new SentencePieceTokenizer(files, config); break;
      case "WordPieceTokenizer": found = new WordPieceTokenizer(files, config); break;
      case "WordTokenizer": found = new WordTokenizer(files, config); break;
      default: throw new IllegalArgumentException(
          "Expected a tokenizer of kerasseq; received " + kind + ". Use a newer reader.");
    }
    if (description.get("row") != null) {
      Map<String, Object> row = Json.object(description.get("row"));
      found.leadIds = found.idsOf(row.get("lead"));
      found.separatorIds = found.idsOf(row.get("separator"));
      found.closeIds = found.idsOf(row.get("close"));
    }
    return found;
  }

  private int[] idsOf(Object tokens) {
    return Json.strings(tokens).stream().mapToInt(vocabulary::indexOf).toArray();
  }

  /** One text to ids. */
  public abstract int[] encode(String text);

  /** A word that stands in a sentence, to ids. */
  public int[] encodeWord(String word) {
    return encode(word);
  }

  /** Ids to one text. */
  public String decode(int[] ids) {
    return decode(ids, null);
  }

  /**
   * Ids to one text.
   *
   * @param unknown what to write for an unknown token at each place; null for the token itself
   */
  String decode(int[] ids, String[] unknown) {
    List<Object> kept = new ArrayList<>();
    for (int place = 0; place < ids.length && ids[place] != endId; place++) {
      int id = ids[place];
      if (id == padId || id == startId) continue;
      kept.add(unknown != null && id == unknownId ? (Object) unknown[place] : (Object) id);
    }
    return join(kept);
  }

  /** Ids (Integer), and String that stand for themselves, to one text. */
  abstract String join(List<Object> tokens);

  /** The words that may be copied, of a tokenizer that cuts words. */
  List<String> words(String text) {
    throw new IllegalArgumentException("Expected a tokenizer that cuts words; received "
        + getClass().getSimpleName() + ". Export without replace_unknown.");
  }

  /** A cleaned text cut before spaces and around marks, whose tokens cross no such place. */
  List<String> units(String text) {
    throw new IllegalArgumentException("Expected a tokenizer whose tokens cross no marks, to find "
        + "answers with; received " + getClass().getSimpleName() + ". Use another tokenizer.");
  }

  static List<String> wordsAndMarks(String text) {
    List<String> found = new ArrayList<>();
    StringBuilder now = new StringBuilder();
    boolean before = true;
    for (int letter : text.replace("\u0001", "").codePoints().toArray()) {
      String character = new String(Character.toChars(letter));
      boolean alone = Cleaning.ALONE.matcher(character).matches();
      if ((before || alone || letter == ' ') && now.length() > 0) {
        found.add(now.toString());
        now.setLength(0);
      }
      now.append(character);
      before = alone;
    }
    if (now.length() > 0) found.add(now.toString());
    return found;
  }

  /** The token of an id, or the str that stands for itself. */
  String written(Object token) {
    return token instanceof String ? (String) token : vocabulary.get((Integer) token);
  }

  /** The lines of a vocabulary's file. */
  static List<String> lines(byte[] content) {
    List<String> found = new ArrayList<>(
        Arrays.asList(new String(content, StandardCharsets.UTF_8).split("\n", -1)));
    found.remove(found.size() - 1);
    return found;
  }

  /** Tokens to their ids, from one on. */
  static Map<String, Integer> numbered(List<String> tokens, int first) {
    Map<String, Integer> found = new HashMap<>();
    for (int id = first; id < tokens.size(); id++) found.put(tokens.get(id), id);
    return found;
  }

  static int[] ints(List<Integer> ids) {
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }
}
