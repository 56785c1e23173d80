package kerasseq;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Texts, or words, as the row of ids that a text encoder reads, and long contexts as several. */
final class Rows {
  private static final int LONGEST_QUESTION = 64;

  private Rows() {}

  /** What a model reads at once. */
  static final class Row {
    final int[] ids;
    /** How many tokens did not fit. */
    final int cut;
    /** Of a sentence, where the words that fit have their first tokens. */
    int[] places = {};
    /** Of a context's part, where it starts in the row, and the unit of each of its tokens. */
    int start;
    int[] units = {};

    Row(int[] ids, int cut) {
      this.ids = ids;
      this.cut = cut;
    }
  }

  static int[] joined(int[]... parts) {
    return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
  }

  static int[] head(int[] ids, int count) {
    return Arrays.copyOf(ids, Math.min(ids.length, count));
  }

  static Row ofText(Tokenizer by, String text, int maxLength) {
    int room = maxLength - by.leadIds.length - by.closeIds.length;
    int[] ids = by.encode(text), kept = head(ids, room);
    int[] read = kept.length > 0 ? kept : new int[] {by.unknownId};
    return new Row(joined(by.leadIds, read, by.closeIds), Math.max(0, ids.length - room));
  }

  /** The row of two texts; the longer one is cut first. */
  static Row ofPair(Tokenizer by, String one, String other, int maxLength) {
    int room = maxLength - by.leadIds.length - by.separatorIds.length - by.closeIds.length;
    int[] first = by.encode(one), second = by.encode(other);
    // Of two that are both too long the longer one has the odd token.
    int half = Math.floorDiv(room + (first.length > second.length ? 1 : 0), 2);
    int kept = Math.min(first.length, Math.max(room - second.length, half));
    int others = Math.min(second.length, room - kept);
    int[] ids = joined(by.leadIds, head(first, kept), by.separatorIds, head(second, others),
        by.closeIds);
    return new Row(ids, first.length + second.length - kept - others);
  }

  static Row ofWords(Tokenizer by, List<String> words, int maxLength) {
    int room = maxLength - by.leadIds.length - by.closeIds.length;
    List<Integer> places = new ArrayList<>();
    int[] ids = {};
    for (String word : words) {
      if (ids.length < room) places.add(by.leadIds.length + ids.length);
      int[] pieces = by.encodeWord(word);
      ids = joined(ids, pieces.length > 0 ? pieces : new int[] {by.unknownId});
    }
    int[] kept = head(ids, room), read = kept.length > 0 ? kept : new int[] {by.unknownId};
    Row row = new Row(joined(by.leadIds, read, by.closeIds), Math.max(0, ids.length - room));
    row.places = Tokenizer.ints(places);
    return row;
  }

  /** The rows that cover a context, of which each repeats the question. */
  static List<Row> ofContext(
      Tokenizer by, String question, List<String> units, int maxLength, int overlap) {
    int[] ids = {}, owners = {};
    for (int number = 0; number < units.size(); number++) {
      int[] own = by.encode(units.get(number));
      int owner = number;
      ids = joined(ids, own);
      owners = joined(owners, IntStream.range(0, own.length).map(each -> owner).toArray());
    }
    int[] asked = by.encode(question);
    int[] kept = head(asked, Math.min(LONGEST_QUESTION, maxLength / 2 - 2));
    int[] before = joined(by.leadIds, kept, by.separatorIds);
    int room = maxLength - before.length - by.closeIds.length;
    int advance = room - Math.min(overlap, room / 2);
    int count = Math.max(0, -Math.floorDiv(room - ids.length, advance)) + 1;
    List<Row> rows = new ArrayList<>();
    for (int first = 0; first < count * advance; first += advance) {
      int from = Math.min(first, ids.length), to = Math.min(first + room, ids.length);
      int[] part = Arrays.copyOfRange(ids, from, to);
      Row row = new Row(joined(before, part, by.closeIds), asked.length - kept.length);
      row.start = before.length;
      row.units = Arrays.copyOfRange(owners, from, to);
      rows.add(row);
    }
    return rows;
  }
}
