package kerasseq;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The characters that a SentencePiece model writes as others.
 *
 * A precompiled map is the size of a double-array trie in bytes (uint32), the trie's units (uint32,
 * all little-endian), and behind them the replacements, each closed by a zero.
 */
final class Charsmap {
  private final ByteBuffer view;
  private final int size;

  /** What is written in the place of some bytes. */
  static final class Rule {
    final int length;
    final byte[] replacement;

    Rule(int length, byte[] replacement) {
      this.length = length;
      this.replacement = replacement;
    }
  }

  Charsmap(byte[] content) {
    view = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    size = content.length == 0 ? 0 : view.getInt(0);
  }

  private int unit(int index) {
    return view.getInt(4 + 4 * index);
  }

  private static int jump(int unit) {
    return (unit >>> 10) << ((unit & 512) >>> 6);
  }

  /** The longest rule for the bytes at a place, or null. */
  Rule at(byte[] input, int start) {
    if (size == 0) return null;
    int node = jump(unit(0)), length = 0, value = 0;
    for (int place = start; place < input.length; place++) {
      node ^= input[place] & 255;
      if (node < 0 || 4L * node >= size) break;
      int unit = unit(node);
      if ((unit & 0x800000ff) != (input[place] & 255)) break;
      node ^= jump(unit);
      if ((unit >>> 8 & 1) == 1) {
        length = place + 1 - start;
        value = unit(node) & 0x7fffffff;
      }
    }
    if (length == 0) return null;
    byte[] all = view.array();
    int first = 4 + size + value, last = first;
    while (all[last] != 0) last++;
    return new Rule(length, Arrays.copyOfRange(all, first, last));
  }
}
