package kerasseq;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The pieces of a trained SentencePiece model. */
public final class SentencePieceTokenizer extends Tokenizer {
  private final boolean lowercase;
  private final SentencePieceModel model;
  private final AddedTokens added;
  private final boolean keepWhitespace;
  private final boolean marksSpaces;

  SentencePieceTokenizer(Map<String, byte[]> files, Map<String, Object> config) {
    lowercase = Boolean.TRUE.equals(config.get("lowercase"));
    model = new SentencePieceModel(Bundle.part(files, "sentencepiece.model"));
    vocabulary = model.pieces;
    Map<String, Object> sides =
        config.get("added_tokens") == null
            ? Collections.emptyMap() : Json.object(config.get("added_tokens"));
    added = new AddedTokens(itself(sides), sides);
    String blanks = SentencePieceModel.BLANK + SentencePieceModel.BLANK;
    keepWhitespace = sides.isEmpty() && model.normalize("a  b").contains(blanks);
    // A space that is left before an added token is a piece of its own.
    marksSpaces = !sides.isEmpty() && model.encode(" ").isEmpty();
  }

  static Map<String, String> itself(Map<String, ?> tokens) {
    Map<String, String> found = new LinkedHashMap<>();
    for (String token : tokens.keySet()) found.put(token, token);
    return found;
  }

  @Override
  public int[] encode(String text) {
    String cleaned = Cleaning.normalize(text, keepWhitespace);
    List<Integer> found = new ArrayList<>();
    for (AddedTokens.Part part : added.split(lowercase ? Cleaning.lowercase(cleaned) : cleaned)) {
      if (part.token != null) {
        found.add(model.idOf(part.token));
        continue;
      }
      found.addAll(model.encode(part.text));
      if (marksSpaces && part.text.endsWith(" ")) found.add(model.idOf(SentencePieceModel.BLANK));
    }
    return ints(found);
  }

  @Override
  String join(List<Object> tokens) {
    List<Integer> ids = new ArrayList<>();
    for (Object each : tokens) ids.add((Integer) each);
    return model.decode(ids);
  }
}
