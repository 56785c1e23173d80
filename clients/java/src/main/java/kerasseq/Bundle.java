package kerasseq;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** What rides at the end of a {@code .tflite} file: its metadata, and tokenizers by their side. */
public final class Bundle {
  private static final int END = 0x06054b50, ENTRY = 0x02014b50, LOCAL = 0x04034b50;
  /** Bytes that a file of a bundle may unpack to, as in kerasseq. */
  private static final int LARGEST = 1 << 27;

  public final Map<String, Object> metadata;
  public final Map<String, Tokenizer> tokenizers;

  private Bundle(Map<String, Object> metadata, Map<String, Tokenizer> tokenizers) {
    this.metadata = metadata;
    this.tokenizers = tokenizers;
  }

  /**
   * Reads a bundle.
   *
   * @param file the whole file, or its end from any byte before the archive on
   * @throws IllegalArgumentException for a file without one, or one of another version
   */
  public static Bundle read(byte[] file) {
    Map<String, byte[]> files = unzip(file);
    Map<String, Object> metadata = parse(files, "metadata.json");
    if (!Long.valueOf(1).equals(metadata.get("kerasseq"))) {
      throw new IllegalArgumentException("Expected metadata.json of version 1; received "
          + metadata.get("kerasseq") + ". Use a newer reader.");
    }
    Map<String, Map<String, byte[]>> sides = new LinkedHashMap<>();
    files.forEach((name, content) -> {
      int cut = name.indexOf('/');
      if (cut > 0) {
        sides.computeIfAbsent(name.substring(0, cut), side -> new LinkedHashMap<>())
            .put(name.substring(cut + 1), content);
      }
    });
    Map<String, Tokenizer> tokenizers = new LinkedHashMap<>();
    sides.forEach((side, each) ->
        tokenizers.put(side, Tokenizer.load(parse(each, "tokenizer.json"), each)));
    return new Bundle(metadata, tokenizers);
  }

  private static Map<String, Object> parse(Map<String, byte[]> files, String name) {
    return Json.object(Json.parse(new String(part(files, name), StandardCharsets.UTF_8)));
  }

  /** A file by its name. */
  static byte[] part(Map<String, byte[]> files, String name) {
    byte[] content = files.get(name);
    if (content == null) {
      throw new IllegalArgumentException("Expected " + name
          + " in a file that kerasseq exported; received none. Export it again.");
    }
    return content;
  }

  /**
   * The files of a zip archive at the end of other bytes.
   *
   * The directory's offsets count from the archive's first byte or from the file's: what stands
   * before the archive is found by where the directory really ends.
   */
  private static Map<String, byte[]> unzip(byte[] file) {
    try {
      ByteBuffer view = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
      int end = file.length - 22;
      while (view.getInt(end) != END) end--;
      int count = view.getShort(end + 10) & 0xffff, size = view.getInt(end + 12);
      int before = end - size - view.getInt(end + 16);
      Map<String, byte[]> files = new LinkedHashMap<>();
      int place = end - size;
      for (; count > 0; count--) {
        int packed = view.getInt(place + 20), length = view.getInt(place + 24);
        int named = view.getShort(place + 28) & 0xffff, extra = view.getShort(place + 30) & 0xffff;
        int comment = view.getShort(place + 32) & 0xffff, local = before + view.getInt(place + 42);
        if (view.getInt(place) != ENTRY || view.getInt(local) != LOCAL || length < 0
            || length > LARGEST) {
          throw new IndexOutOfBoundsException();
        }
        String name = new String(file, place + 46, named, StandardCharsets.UTF_8);
        int start = local + 30 + (view.getShort(local + 26) & 0xffff)
            + (view.getShort(local + 28) & 0xffff);
        byte[] content = view.getShort(place + 10) == 0
            ? Arrays.copyOfRange(file, start, start + length)
            : inflated(file, start, packed, length);
        CRC32 sum = new CRC32();
        sum.update(content);
        if ((int) sum.getValue() != view.getInt(place + 16)) throw new DataFormatException();
        files.put(name, content);
        place += 46 + named + extra + comment;
      }
      if (place != end) throw new IndexOutOfBoundsException();
      return files;
    } catch (IndexOutOfBoundsException | DataFormatException error) {
      throw new IllegalArgumentException("Expected a whole zip archive at the end of the file; "
          + "received none. Name a .tflite file that kerasseq exported.", error);
    }
  }

  private static byte[] inflated(byte[] file, int start, int packed, int length)
      throws DataFormatException {
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(file, start, packed);
      byte[] content = new byte[length];
      int done = 0;
      for (int now; done < length && (now = inflater.inflate(content, done, length - done)) > 0; ) {
        done += now;
      }
      if (done < length) throw new DataFormatException();
      return content;
    } finally {
      inflater.end();
    }
  }
}
