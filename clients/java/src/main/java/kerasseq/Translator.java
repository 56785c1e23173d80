package kerasseq;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lines to translations. */
public final class Translator extends Task {
  private static final float NOTHING = -1e9f;  // the score of no hypothesis

  private final Tokenizer source;
  private final Tokenizer target;
  private final int maxLength;
  private final int length;
  private final boolean copies;
  private final int[] before;
  private final int[] behind;
  private final int given;

  Translator(Bundle bundle, Runner runner) {
    super(bundle, runner);
    source = tokenizer("source");
    target = tokenizer("target");
    maxLength = whole("max_length");
    length = whole("max_source_length");
    copies = Boolean.TRUE.equals(metadata.get("replace_unknown"));
    before = Json.ints(metadata.get("source_before"));
    behind = Json.ints(metadata.get("source_behind"));
    given = Math.max(0, Json.ints(metadata.get("target_before")).length - 1);
  }

  @Override
  public Answer answer(String line) {
    return complete(line, "");
  }

  /** Answers a line with translations that begin with a prefix. */
  public Answer complete(String line, String prefix) {
    int[] pieces = source.encode(line);
    int room = length - before.length - behind.length - 1;
    int[] read = Rows.joined(Rows.head(pieces, room), new int[] {source.endId});
    Map<String, Object> inputs = new LinkedHashMap<>();
    inputs.put("source", padded(Rows.joined(before, read, behind), length));
    int[] begun = target.encode(prefix);
    int most = maxLength - given - 1;
    if (begun.length > most) {
      throw new IllegalArgumentException("Expected a prefix of at most " + most
          + " tokens; received " + begun.length + ". Shorten it.");
    }
    if (begun.length > 0) inputs.put("prefix", padded(begun, most));
    List<String> outputs = new ArrayList<>(Arrays.asList("tokens", "lengths", "scores"));
    if (copies) outputs.add("attention");
    Map<String, Object> found = ask(begun.length > 0 ? "complete" : "translate", inputs, outputs);
    int[] tokens = (int[]) found.get("tokens"), lengths = (int[]) found.get("lengths");
    float[] scores = (float[]) found.get("scores"), attention = (float[]) found.get("attention");
    List<String> words = copies ? source.words(line) : Collections.emptyList();
    words = words.subList(0, Math.min(words.size(), length - 1));
    Map<String, Float> kept = new LinkedHashMap<>();
    int places = tokens.length / lengths.length;
    for (int n = 0; n < lengths.length; n++) {
      int first = n * places + given, last = n * places + Math.max(given, lengths[n]);
      int[] ids = Arrays.copyOfRange(tokens, first, last);
      String[] unknown = words.isEmpty() ? null : new String[ids.length];
      for (int place = 0; unknown != null && place < ids.length; place++) {
        int from = (first + place) * length + before.length;
        unknown[place] = words.get(argmax(attention, from, Math.min(words.size(), read.length)));
      }
      String text = read.length == 1 ? "" : target.decode(ids, unknown);
      if ((scores[n] > NOTHING / 2 || kept.isEmpty()) && !kept.containsKey(text)) {
        kept.put(text, scores[n]);
      }
    }
    List<String> texts = new ArrayList<>(kept.keySet());
    return new Answer(texts.get(0), texts, kept.get(texts.get(0)), pieces.length > room);
  }
}
