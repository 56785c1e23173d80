package kerasseq;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a {@code .tflite} file that kerasseq exported answers; not to be shared by threads. */
public abstract class Task {
  protected final Map<String, Object> metadata;
  protected final Map<String, Tokenizer> tokenizers;
  private final Runner runner;

  Task(Bundle bundle, Runner runner) {
    metadata = bundle.metadata;
    tokenizers = bundle.tokenizers;
    this.runner = runner;
  }

  /**
   * The task of a file.
   *
   * @param bundle what rides in the file
   * @param runner runs the file's model
   * @throws IllegalArgumentException for a kind of task that this reader does not know
   */
  public static Task of(Bundle bundle, Runner runner) {
    switch (String.valueOf(bundle.metadata.get("task"))) {
      case "translator": return new Translator(bundle, runner);
      case "classifier": return new Classifier(bundle, runner);
      case "tagger": return new Tagger(bundle, runner);
      case "span_finder": return new QuestionAnswerer(bundle, runner);
      case "text_encoder": return new TextEncoder(bundle, runner);
      default: throw new IllegalArgumentException("Expected a translator, classifier, tagger, "
          + "span_finder or text_encoder; received " + bundle.metadata.get("task")
          + ". Run it with kerasseq's LiteTask.");
    }
  }

  /** Answers one text. */
  public Answer answer(String text) {
    throw new IllegalArgumentException("Expected two texts for a " + metadata.get("task")
        + "; received one. Give both.");
  }

  /** Answers two texts: of a question answerer the question and its context. */
  public Answer answer(String first, String second) {
    throw new IllegalArgumentException("Expected one text for a " + metadata.get("task")
        + "; received two. Give one.");
  }

  Tokenizer tokenizer(String side) {
    Tokenizer found = tokenizers.get(side);
    if (found != null) return found;
    throw new IllegalArgumentException(
        "Expected a tokenizer " + side + " in the file; received none. Export it again.");
  }

  int whole(String name) {
    return ((Number) metadata.get(name)).intValue();
  }

  /** Some outputs of a signature, each a flat int[] or float[]. */
  Map<String, Object> ask(String signature, Map<String, Object> inputs, List<String> outputs) {
    Map<String, Object> given = new LinkedHashMap<>(), found = new LinkedHashMap<>();
    for (String name : outputs) {
      int size = 1;
      for (int each : runner.outputShape(name, signature)) size *= each;
      boolean whole = name.equals("tokens") || name.equals("lengths");
      Object flat = whole ? (Object) new int[size] : (Object) new float[size];
      found.put(name, flat);
      given.put(name, whole ? IntBuffer.wrap((int[]) flat) : FloatBuffer.wrap((float[]) flat));
    }
    runner.runSignature(inputs, given, signature);
    return found;
  }

  /** The output of a text encoder's row. */
  float[] read(int[] ids) {
    Map<String, Object> inputs = new LinkedHashMap<>();
    inputs.put("tokens", padded(ids, whole("max_length")));
    return (float[]) ask("read", inputs, Arrays.asList("outputs")).get("outputs");
  }

  static int[][] padded(int[] ids, int length) {
    int[][] row = new int[1][length];
    System.arraycopy(ids, 0, row[0], 0, ids.length);
    return row;
  }

  /** The place of the first of the largest numbers of a stretch, from its beginning. */
  static int argmax(float[] numbers, int from, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) if (numbers[from + i] > numbers[from + best]) best = i;
    return best;
  }

  static List<String> words(String text) {
    List<String> found = new ArrayList<>();
    for (String word : Cleaning.normalize(text, false).split(" ")) {
      if (!word.isEmpty()) found.add(word);
    }
    return found;
  }
}
