package kerasseq;

import java.util.List;

/** What a task answers to one input. */
public final class Answer {
  /** What the task says: a str, a list of labels or tags, a number, or a float[]. */
  public final Object said;
  /** The answers as texts, best first: hypotheses that read differently, labels by probability. */
  public final List<String> texts;
  /** The best one's score. */
  public final float score;
  /** Whether the input was longer than what is read of it. */
  public final boolean truncated;

  Answer(Object said, List<String> texts, float score, boolean truncated) {
    this.said = said;
    this.texts = texts;
    this.score = score;
    this.truncated = truncated;
  }

  /** The best answer as text. */
  public String text() {
    return texts.isEmpty() ? "" : texts.get(0);
  }
}
