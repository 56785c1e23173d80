package kerasseq;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/** The pieces that merges make, of the best score first, the left one of equal ones. */
final class BytePairCutter implements SentencePieceModel.Cutter {
  private final SentencePieceModel model;

  BytePairCutter(SentencePieceModel model) {
    this.model = model;
  }

  private static final class Symbol {
    String text;
    boolean frozen;
    int before;
    int next;
  }

  private static final class Pair {
    int left;
    int right;
    int size;
    float score;
  }

  /** One text that is being cut. */
  private final class Cut {
    final List<Symbol> symbols = new ArrayList<>();
    final PriorityQueue<Pair> pairs = new PriorityQueue<>((a, b) ->
        a.score != b.score ? Float.compare(b.score, a.score) : Integer.compare(a.left, b.left));
    final Map<String, String[]> halves = new HashMap<>();
    final List<SentencePieceModel.Piece> found = new ArrayList<>();

    void offer(int left, int right) {
      if (left < 0 || right < 0 || symbols.get(left).frozen || symbols.get(right).frozen) return;
      String[] both = {symbols.get(left).text, symbols.get(right).text};
      Integer id = model.ids.get(both[0] + both[1]);
      if (id == null) return;
      Pair pair = new Pair();
      pair.left = left;
      pair.right = right;
      pair.size = both[0].length() + both[1].length();
      pair.score = model.scores.get(id);
      pairs.add(pair);
      if (model.kinds.get(id) == SentencePieceModel.UNUSED) halves.put(both[0] + both[1], both);
    }

    void take(String piece) {
      int id = model.idOf(piece);
      String[] both = halves.get(piece);
      if (model.kinds.get(id) == SentencePieceModel.UNUSED && both != null) {
        take(both[0]);
        take(both[1]);
      } else {
        found.add(new SentencePieceModel.Piece(piece, id));
      }
    }
  }

  @Override
  public List<SentencePieceModel.Piece> cut(String normalized) {
    Cut now = new Cut();
    List<Symbol> symbols = now.symbols;
    byte[] input = SentencePieceModel.utf8(normalized);
    for (int place = 0; place < input.length; ) {
      int own = model.symbolAt(input, place);
      int size = own > 0 ? own : SentencePieceModel.characterLength(input[place]);
      Symbol symbol = new Symbol();
      symbol.text = new String(input, place, size, StandardCharsets.UTF_8);
      symbol.frozen = own > 0;
      symbol.before = symbols.size() - 1;
      place += size;
      symbol.next = place < input.length ? symbols.size() + 1 : -1;
      symbols.add(symbol);
    }
    for (int right = 1; right < symbols.size(); right++) now.offer(right - 1, right);
    for (Pair pair; (pair = now.pairs.poll()) != null; ) {
      Symbol left = symbols.get(pair.left), right = symbols.get(pair.right);
      if (left.text.isEmpty() || right.text.isEmpty()
          || left.text.length() + right.text.length() != pair.size) {
        continue;
      }
      left.text += right.text;
      left.next = right.next;
      if (right.next >= 0) symbols.get(right.next).before = pair.left;
      right.text = "";
      now.offer(left.before, pair.left);
      now.offer(pair.left, left.next);
    }
    for (int at = symbols.isEmpty() ? -1 : 0; at >= 0; at = symbols.get(at).next) {
      now.take(symbols.get(at).text);
    }
    return now.found;
  }
}
