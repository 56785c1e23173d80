package kerasseq;

import java.util.ArrayList;
import java.util.List;

/** Texts, or pairs of texts, to labels. */
public final class Classifier extends Task {
  private static final float LIKELY = 0.5f;  // a label of several is given from here on

  Classifier(Bundle bundle, Runner runner) {
    super(bundle, runner);
  }

  @Override
  public Answer answer(String text) {
    return answer(Rows.ofText(tokenizer("tokenizer"), text, whole("max_length")));
  }

  @Override
  public Answer answer(String first, String second) {
    return answer(Rows.ofPair(tokenizer("tokenizer"), first, second, whole("max_length")));
  }

  private Answer answer(Rows.Row row) {
    float[] outputs = read(row.ids);
    List<String> labels = Json.strings(metadata.get("labels"));
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < labels.size(); i++) order.add(i);
    order.sort((a, b) -> Float.compare(outputs[b], outputs[a]));  // stable
    List<String> texts = new ArrayList<>(), likely = new ArrayList<>();
    for (int i : order) {
      texts.add(labels.get(i));
      if (outputs[i] >= LIKELY) likely.add(labels.get(i));
    }
    Object said = texts.get(0);
    if ("multi_label".equals(metadata.get("kind"))) said = likely;
    if ("regression".equals(metadata.get("kind"))) said = outputs[0];
    return new Answer(said, texts, outputs[order.get(0)], row.cut > 0);
  }
}
