package kerasseq;

import java.util.Arrays;
import java.util.List;

/** Questions and contexts to the answers that stand in them. */
public final class QuestionAnswerer extends Task {
  QuestionAnswerer(Bundle bundle, Runner runner) {
    super(bundle, runner);
  }

  @Override
  public Answer answer(String question, String context) {
    Tokenizer by = tokenizer("tokenizer");
    List<String> units = by.units(Cleaning.normalize(context, false));
    Rows.Row best = null;
    float[] span = null;
    int length = whole("max_length");
    for (Rows.Row row : Rows.ofContext(by, question, units, length, whole("overlap"))) {
      float[] found = read(row.ids);  // first and last position, score
      if (span == null || found[2] > span[2]) {
        best = row;
        span = found;
      }
    }
    Number threshold = (Number) metadata.get("threshold");
    String said = "";
    if (best.units.length > 0 && (threshold == null || span[2] >= threshold.doubleValue())) {
      int begin = best.units[(int) span[0] - best.start];
      int end = best.units[(int) span[1] - best.start];
      said = Cleaning.strip(String.join("", units.subList(begin, end + 1)));
    }
    return new Answer(said, Arrays.asList(said), span[2], best.cut > 0);
  }
}
