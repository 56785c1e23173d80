package kerasseq;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The likeliest pieces (Viterbi), in float as SentencePiece adds them up. */
final class UnigramCutter implements SentencePieceModel.Cutter {
  private static final float UNKNOWN_PENALTY = 10f;

  private final SentencePieceModel model;
  private final float unknown;
  private final float most;
  private final int longest;

  UnigramCutter(SentencePieceModel model) {
    this.model = model;
    float least = Float.MAX_VALUE, best = Float.MIN_NORMAL;
    int size = 0;
    for (int id = 0; id < model.pieces.size(); id++) {
      String piece = model.pieces.get(id);
      size = Math.max(size, piece.codePointCount(0, piece.length()));
      if (model.kinds.get(id) == SentencePieceModel.NORMAL) {
        least = Math.min(least, model.scores.get(id));
        best = Math.max(best, model.scores.get(id));
      }
    }
    unknown = least - UNKNOWN_PENALTY;
    most = best;
    longest = size;
  }

  @Override
  public List<SentencePieceModel.Piece> cut(String normalized) {
    int[] letters = normalized.codePoints().toArray();
    int count = letters.length;
    float[] score = new float[count + 1];
    int[] start = new int[count + 1], id = new int[count + 1];
    Arrays.fill(start, -1);
    for (int first = 0; first < count; first++) {
      StringBuilder piece = new StringBuilder();
      boolean single = false;
      for (int end = first + 1; end <= Math.min(count, first + longest); end++) {
        piece.appendCodePoint(letters[end - 1]);
        Integer found = model.ids.get(piece.toString());
        if (found == null || model.kinds.get(found) == SentencePieceModel.UNUSED) continue;
        boolean user = model.kinds.get(found) == SentencePieceModel.USER;
        int bytes = user ? SentencePieceModel.utf8(piece.toString()).length : 0;
        float own = user ? (float) (bytes * most - 0.1) : model.scores.get(found);
        float offered = own + score[first];
        if (start[end] == -1 || offered > score[end]) {
          score[end] = offered;
          start[end] = first;
          id[end] = found;
        }
        single |= end == first + 1;
      }
      float offered = unknown + score[first];
      if (!single && (start[first + 1] == -1 || offered > score[first + 1])) {
        score[first + 1] = offered;
        start[first + 1] = first;
        id[first + 1] = model.unknownId;
      }
    }
    List<SentencePieceModel.Piece> found = new ArrayList<>();
    for (int end = count; end > 0; end = start[end]) {
      String text = new String(letters, start[end], end - start[end]);
      found.add(new SentencePieceModel.Piece(text, id[end]));
    }
    Collections.reverse(found);
    return found;
  }
}
