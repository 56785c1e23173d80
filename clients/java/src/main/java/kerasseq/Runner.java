package kerasseq;

import java.util.Map;

/**
 * Runs a model's signatures; LiteRT's {@code Interpreter} does, see clients/java/README.md.
 *
 * Inputs are {@code int[1][n]}. Outputs are IntBuffer and FloatBuffer of the sizes that
 * {@code outputShape} tells, and are filled.
 */
public interface Runner {
  void runSignature(Map<String, Object> inputs, Map<String, Object> outputs, String signature);

  int[] outputShape(String output, String signature);
}
