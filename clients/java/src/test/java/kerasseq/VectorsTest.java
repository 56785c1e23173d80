package kerasseq;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Holds the reader against the vectors that kerasseq wrote: java … VectorsTest FOLDER. */
public final class VectorsTest {
  private static int checks;
  private static int faults;

  private VectorsTest() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    String text = Files.readString(folder.resolve("vectors.json"), StandardCharsets.UTF_8);
    Map<String, Object> vectors = Json.object(Json.parse(text));
    for (Object pair : Json.list(vectors.get("cleaned"))) {
      List<String> both = Json.strings(pair);
      same("cleaned " + both.get(0), both.get(1), Cleaning.normalize(both.get(0), false));
    }
    Map<String, Object> tasks = Json.object(vectors.get("tasks"));
    Map<String, Bundle> bundles = new LinkedHashMap<>();
    for (String name : tasks.keySet()) {
      bundles.put(name, Bundle.read(Files.readAllBytes(folder.resolve(name + ".zip"))));
    }
    List<String> texts = Json.strings(vectors.get("texts"));
    Json.object(vectors.get("tokenizers")).forEach((name, known) -> {
      String[] both = name.split("/");
      tokenizer(name, bundles.get(both[0]).tokenizers.get(both[1]), texts, Json.object(known));
    });
    tasks.forEach((name, inputs) -> {
      for (Object each : Json.list(inputs)) task(name, bundles.get(name), Json.object(each));
    });
    damaged(Files.readAllBytes(folder.resolve("accents.zip")));
    System.out.println(checks + " checks, " + faults + " faults");
    System.exit(faults > 0 ? 1 : 0);
  }

  /** Whatever byte is another, a sentence says so, or it does not matter. */
  private static void damaged(byte[] file) {
    int refused = 0, first = 0;
    while (file[first] != 'P' || file[first + 1] != 'K') first++;  // behind a program
    for (int place = first; place < file.length; place++) {
      byte[] other = file.clone();
      other[place] ^= 1 << place % 8;
      try {
        Bundle.read(other);
      } catch (IllegalArgumentException error) {
        refused++;
        same("sentence at byte " + place, true, error.getMessage().startsWith("Expected "));
      }
    }
    same("most damage is seen", true, refused > (file.length - first) / 2);
  }

  private static void tokenizer(
      String name, Tokenizer tokenizer, List<String> texts, Map<String, Object> known) {
    List<?> ids = Json.list(known.get("ids"));
    List<String> back = Json.strings(known.get("back"));
    for (int i = 0; i < texts.size(); i++) {
      int[] expected = Json.ints(ids.get(i));
      same(name + " of " + texts.get(i), expected, tokenizer.encode(texts.get(i)));
      same(name + " back", back.get(i), tokenizer.decode(expected));
    }
    for (Object each : Json.list(known.get("decoded"))) {
      int[] given = Json.ints(Json.list(each).get(0));
      same(name + " decoded", Json.list(each).get(1), tokenizer.decode(given));
    }
  }

  private static void task(String name, Bundle bundle, Map<String, Object> known) {
    List<Map<String, Object>> asked = new ArrayList<>();
    List<?> outputs = Json.list(known.get("outputs"));
    Runner runner = new Runner() {
      @Override
      public void runSignature(
          Map<String, Object> given, Map<String, Object> found, String signature) {
        Map<String, Object> told = Json.object(outputs.get(asked.size()));
        found.forEach((output, buffer) -> {
          List<Double> flat = flat(told.get(output), new ArrayList<>());
          for (double each : flat) {
            if (buffer instanceof IntBuffer) ((IntBuffer) buffer).put((int) each);
            else ((FloatBuffer) buffer).put((float) each);
          }
        });
        Map<String, Object> row = new LinkedHashMap<>(given);
        row.put("", signature);
        asked.add(row);
      }

      @Override
      public int[] outputShape(String output, String signature) {
        Map<String, Object> told = Json.object(outputs.get(asked.size()));
        return new int[] {1, flat(told.get(output), new ArrayList<>()).size()};
      }
    };
    Answer answer = answer(Task.of(bundle, runner), known.get("input"));
    List<?> rows = Json.list(known.get("rows"));
    same(name + " rows", rows.size(), asked.size());
    for (int i = 0; i < rows.size(); i++) {
      Map<String, Object> row = asked.get(i);
      same(name + " program", known.get("program"), row.remove(""));
      Json.object(rows.get(i)).forEach((input, ids) ->
          same(name + " row", Json.ints(ids), ((int[][]) row.get(input))[0]));
      same(name + " inputs", Json.object(rows.get(i)).keySet(), row.keySet());
    }
    same(name + " texts", known.get("texts"), answer.texts);
    same(name + " truncated", known.get("truncated"), answer.truncated);
    boolean numbers = answer.said instanceof float[];
    if (numbers) {
      List<Double> expected = flat(known.get("said"), new ArrayList<>());
      same(name + " said", expected, flat(answer.said, new ArrayList<>()));
    } else {
      same(name + " said", known.get("said"), answer.said);
    }
  }

  private static Answer answer(Task task, Object input) {
    if (input instanceof String) return task.answer((String) input);
    if (input instanceof Map) {
      Map<String, Object> given = Json.object(input);
      return ((Translator) task).complete((String) given.get("text"), (String) given.get("prefix"));
    }
    List<String> given = Json.strings(input);
    if (task instanceof Tagger) return ((Tagger) task).answer(given);
    return task.answer(given.get(0), given.get(1));
  }

  private static List<Double> flat(Object value, List<Double> found) {
    if (value instanceof Number) found.add(((Number) value).doubleValue());
    else if (value instanceof float[]) for (float each : (float[]) value) found.add((double) each);
    else for (Object each : Json.list(value)) flat(each, found);
    return found;
  }

  private static void same(String what, Object expected, Object found) {
    checks++;
    boolean equal = expected instanceof int[]
        ? Arrays.equals((int[]) expected, (int[]) found) : expected.equals(found);
    if (equal) return;
    faults++;
    System.out.println(what + ": expected " + shown(expected) + ", found " + shown(found));
  }

  private static String shown(Object value) {
    return value instanceof int[] ? Arrays.toString((int[]) value) : String.valueOf(value);
  }
}
