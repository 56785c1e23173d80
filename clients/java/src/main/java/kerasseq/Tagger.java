package kerasseq;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Sentences to a tag for every word. */
public final class Tagger extends Task {
  private static final String OUTSIDE = "O";  // the tag of a word that was not read

  Tagger(Bundle bundle, Runner runner) {
    super(bundle, runner);
  }

  /** Answers a sentence, which is cut into words at white space. */
  @Override
  public Answer answer(String sentence) {
    return answer(words(sentence));
  }

  /** Answers a sentence's words. */
  public Answer answer(List<String> words) {
    List<String> labels = Json.strings(metadata.get("labels")), tags = new ArrayList<>();
    Rows.Row row = Rows.ofWords(tokenizer("tokenizer"), words, whole("max_length"));
    float[] outputs = read(row.ids);
    float sum = 0;
    for (int place : row.places) {
      int from = place * labels.size(), best = argmax(outputs, from, labels.size());
      tags.add(labels.get(best));
      sum += outputs[from + best];
    }
    float score = tags.isEmpty() ? 0 : sum / tags.size();
    while (tags.size() < words.size()) tags.add(OUTSIDE);
    return new Answer(tags, Arrays.asList(String.join(" ", tags)), score, row.cut > 0);
  }
}
