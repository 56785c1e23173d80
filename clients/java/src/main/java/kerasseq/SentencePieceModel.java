package kerasseq;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A trained SentencePiece model: its file, its normaliser, and its pieces back to a text. */
final class SentencePieceModel {
  static final int NORMAL = 1, UNKNOWN = 2, CONTROL = 3, USER = 4, UNUSED = 5, BYTE = 6;
  static final String BLANK = "▁";
  private static final int UNIGRAM = 1, BPE = 2;
  private static final byte[] SPACE = {' '};

  final List<String> pieces = new ArrayList<>();
  final List<Float> scores = new ArrayList<>();
  final List<Integer> kinds = new ArrayList<>();
  /** What a text can be cut into; symbols and bytes are found by their names alone. */
  final Map<String, Integer> ids = new HashMap<>();
  private final Map<String, Integer> bytes = new HashMap<>();
  private final List<byte[]> user = new ArrayList<>();
  private final Charsmap charsmap;
  private final boolean byteFallback, dummyPrefix, removeSpaces;
  private final byte[] space;
  private final String unknownSurface;
  private final Cutter cutter;
  int unknownId = -1;

  /** Cuts a normalised text. */
  interface Cutter {
    /** The pieces of a text, in order. */
    List<Piece> cut(String normalized);
  }

  /** A stretch of a normalised text, and its id. */
  static final class Piece {
    final String text;
    final int id;

    Piece(String text, int id) {
      this.text = text;
      this.id = id;
    }
  }

  /**
   * Opens a model.
   *
   * @param content the bytes of a {@code .model} file
   * @throws IllegalArgumentException for a model of another kind
   */
  SentencePieceModel(byte[] content) {
    Message model = new Message(content);
    for (Message piece : model.messages(1)) {
      pieces.add(piece.text(1, ""));
      scores.add(piece.real(2));
      kinds.add(piece.whole(3, NORMAL));
    }
    Message trainer = model.message(2), normalizer = model.message(3);
    int kind = trainer.whole(3, UNIGRAM);
    if (kind != UNIGRAM && kind != BPE) throw refused("a unigram or byte-pair model", "" + kind);
    if (trainer.flag(24, false)) {
      throw refused("a model with spaces before words", "treat_whitespace_as_suffix");
    }
    if (model.message(5).bytes(2).length > 0) throw refused("no denormaliser", "one");
    byteFallback = trainer.flag(35, false);
    unknownSurface = trainer.text(44, " ⁇ ");
    charsmap = new Charsmap(normalizer.bytes(2));
    dummyPrefix = normalizer.flag(3, true);
    removeSpaces = normalizer.flag(4, true);
    space = normalizer.flag(5, true) ? utf8(BLANK) : SPACE;
    for (int id = 0; id < pieces.size(); id++) {
      int own = kinds.get(id);
      if (own == NORMAL || own == USER || own == UNUSED) ids.put(pieces.get(id), id);
      if (own == USER) user.add(utf8(pieces.get(id)));
      if (own == BYTE) bytes.put(pieces.get(id), id);
      if (own == UNKNOWN && unknownId < 0) unknownId = id;
    }
    user.sort((a, b) -> b.length - a.length);
    cutter = kind == UNIGRAM ? new UnigramCutter(this) : new BytePairCutter(this);
  }

  private static IllegalArgumentException refused(String expected, String received) {
    return new IllegalArgumentException(
        "Expected " + expected + "; received " + received + ". Train another.");
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The id of a piece; that of the unknown one without any. */
  int idOf(String piece) {
    return ids.getOrDefault(piece, unknownId);
  }

  /** Whether a user's symbol stands at a place: its length in bytes, or 0. */
  int symbolAt(byte[] input, int place) {
    for (byte[] each : user) {
      int same = 0;
      int most = Math.min(each.length, input.length - place);
      while (same < most && input[place + same] == each[same]) same++;
      if (same == each.length) return same;
    }
    return 0;
  }

  static int characterLength(byte first) {
    int value = first & 255;
    return value < 0x80 ? 1 : value < 0xe0 ? 2 : value < 0xf0 ? 3 : 4;
  }

  /** A text as its pieces are looked for: characters replaced, spaces as "▁". */
  String normalize(String given) {
    byte[] input = utf8(given);
    List<byte[]> parts = new ArrayList<>();
    for (int place = 0; place < input.length; ) {
      int size = symbolAt(input, place);
      Charsmap.Rule rule = size > 0 ? null : charsmap.at(input, place);
      if (rule != null) size = rule.length;
      if (size == 0) size = characterLength(input[place]);
      parts.add(rule == null ? Arrays.copyOfRange(input, place, place + size) : rule.replacement);
      place += size;
    }
    int first = 0;
    while (removeSpaces && first < parts.size() && Arrays.equals(parts.get(first), SPACE)) first++;
    if (first == parts.size()) return "";
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (dummyPrefix) out.write(space, 0, space.length);
    boolean spaced = removeSpaces;
    for (byte[] part : parts.subList(first, parts.size())) {
      int from = 0;
      while (spaced && from < part.length && part[from] == ' ') from++;
      for (int i = from; i < part.length; i++) {
        if (part[i] == ' ') out.write(space, 0, space.length);
        else out.write(part[i]);
      }
      if (from < part.length) spaced = removeSpaces && part[part.length - 1] == ' ';
    }
    String found = new String(out.toByteArray(), StandardCharsets.UTF_8);
    String blank = new String(space, StandardCharsets.UTF_8);
    while (removeSpaces && found.endsWith(blank)) {
      found = found.substring(0, found.length() - 1);
    }
    return found;
  }

  /** The ids of a text. */
  List<Integer> encode(String given) {
    List<Integer> found = new ArrayList<>();
    boolean unknown = false;
    for (Piece piece : cutter.cut(normalize(given))) {
      if (piece.id != unknownId) {
        found.add(piece.id);
      } else if (byteFallback) {
        for (byte each : utf8(piece.text)) {
          found.add(bytes.getOrDefault(String.format("<0x%02X>", each), unknownId));
        }
      } else if (!unknown) {
        found.add(piece.id);  // a run of unknown pieces is one
      }
      unknown = piece.id == unknownId;
    }
    return found;
  }

  /** Ids to a text. */
  String decode(List<Integer> given) {
    StringBuilder written = new StringBuilder();
    ByteArrayOutputStream waiting = new ByteArrayOutputStream();
    boolean first = true, spaceSeen = false;
    for (int id : given) {
      int kind = kinds.get(id);
      String piece = pieces.get(id);
      if (kind == BYTE) {
        waiting.write(Integer.parseInt(piece.substring(3, 5), 16));
        continue;
      }
      flush(waiting, written);
      if (spaceSeen || written.length() > 0) first = false;
      spaceSeen = false;
      if (kind == CONTROL) continue;
      if (kind == UNKNOWN) {
        written.append(unknownSurface);
        continue;
      }
      if (first && (dummyPrefix || removeSpaces) && piece.startsWith(BLANK)) {
        piece = piece.substring(1);
        spaceSeen = !removeSpaces;
      }
      written.append(piece.replace(BLANK, " "));
    }
    flush(waiting, written);
    return written.toString();
  }

  /** Writes bytes as text in UTF-8; each one that is no part of a character is U+FFFD. */
  private static void flush(ByteArrayOutputStream waiting, StringBuilder written) {
    byte[] content = waiting.toByteArray();
    waiting.reset();
    for (int place = 0; place < content.length; ) {
      int size = (content[place] & 255) < 0xc0 ? 1 : characterLength(content[place]);
      size = Math.min(size, content.length - place);
      try {
        ByteBuffer part = ByteBuffer.wrap(content, place, size);
        written.append(StandardCharsets.UTF_8.newDecoder().decode(part));
        place += size;
      } catch (CharacterCodingException error) {
        written.append('\ufffd');
        place++;
      }
    }
  }
}
