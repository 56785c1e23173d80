package kerasseq;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Pieces of bytes by merges, as GPT-2, RoBERTa and BART cut them. */
public final class BytePairTokenizer extends Tokenizer {
  // Each byte as a character that can be seen: those that can, themselves; the others from U+0100.
  private static final String ALPHABET;
  // GPT-2's words, each with the space before it, in cleaned text.
  private static final Pattern WORDS = Pattern.compile(
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^ \\p{L}\\p{N}]+| +");

  static {
    StringBuilder letters = new StringBuilder();
    char hidden = 0x100;
    for (char each = 0; each < 256; each++) {
      boolean seen = (each > 0x20 && each < 0x7f) || (each > 0xa0 && each != 0xad);
      letters.append(seen ? each : hidden++);
    }
    ALPHABET = letters.toString();
  }

  private final boolean prefixSpace;
  private final SentencePieceModel model;
  private final AddedTokens added;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final List<byte[]> contents = new ArrayList<>();

  BytePairTokenizer(Map<String, byte[]> files, Map<String, Object> config) {
    prefixSpace = Boolean.TRUE.equals(config.get("prefix_space"));
    model = new SentencePieceModel(Bundle.part(files, "sentencepiece.model"));
    Map<String, Object> sides =
        config.get("added_tokens") == null
            ? Collections.emptyMap() : Json.object(config.get("added_tokens"));
    added = new AddedTokens(SentencePieceTokenizer.itself(sides), sides);
    for (int id = 0; id < model.pieces.size(); id++) {
      int kind = model.kinds.get(id);
      StringBuilder token = new StringBuilder();
      if (kind == SentencePieceModel.UNKNOWN || kind == SentencePieceModel.CONTROL) {
        token.append(model.pieces.get(id));
      } else {
        model.pieces.get(id).chars().forEach(each -> token.append(ALPHABET.charAt(each)));
      }
      vocabulary.add(token.toString());
    }
    for (String each : sides.keySet()) numbers.put(each, vocabulary.indexOf(each));
    for (String each : vocabulary) {
      boolean spelled = !sides.containsKey(each);
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      for (int i = 0; spelled && i < each.length(); i++) {
        int value = ALPHABET.indexOf(each.charAt(i));
        spelled = value >= 0;
        content.write(value);
      }
      contents.add(spelled ? content.toByteArray() : SentencePieceModel.utf8(each));
    }
  }

  @Override
  public int[] encode(String text) {
    return encode(text, prefixSpace);
  }

  @Override
  public int[] encodeWord(String word) {
    return encode(word, true);
  }

  private int[] encode(String text, boolean prefix) {
    List<Integer> found = new ArrayList<>();
    for (AddedTokens.Part part : added.split(Cleaning.normalize(text, false))) {
      if (part.token != null) {
        found.add(numbers.get(part.token));
        continue;
      }
      boolean spaced = prefix && !part.text.isEmpty() && !part.text.startsWith(" ");
      Matcher words = WORDS.matcher(spaced ? " " + part.text : part.text);
      while (words.find()) {
        byte[] content = SentencePieceModel.utf8(words.group());
        found.addAll(model.encode(new String(content, StandardCharsets.ISO_8859_1)));
      }
    }
    return ints(found);
  }

  @Override
  String join(List<Object> tokens) {
    ByteArrayOutputStream found = new ByteArrayOutputStream();
    for (Object each : tokens) {
      byte[] content = each instanceof String
          ? SentencePieceModel.utf8((String) each) : contents.get((Integer) each);
      found.write(content, 0, content.length);
    }
    return new String(found.toByteArray(), StandardCharsets.UTF_8);
  }
}
