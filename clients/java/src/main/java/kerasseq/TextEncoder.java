package kerasseq;

import java.util.Collections;
import java.util.List;

/** Texts to vectors: {@code said} is a float[]. */
public final class TextEncoder extends Task {
  TextEncoder(Bundle bundle, Runner runner) {
    super(bundle, runner);
  }

  @Override
  public Answer answer(String text) {
    Rows.Row row = Rows.ofText(tokenizer("tokenizer"), text, whole("max_length"));
    return new Answer(read(row.ids), Collections.emptyList(), 0, row.cut > 0);
  }
}
