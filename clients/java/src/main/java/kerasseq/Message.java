package kerasseq;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The fields of a protocol buffer's message, in order. */
final class Message {
  private final List<Integer> numbers = new ArrayList<>();
  private final List<Object> values = new ArrayList<>();

  /**
   * Reads the fields.
   *
   * @throws IllegalArgumentException for what is no message
   */
  Message(byte[] content) {
    ByteBuffer buffer = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    try {
      while (buffer.hasRemaining()) {
        long key = varint(buffer);
        numbers.add((int) (key >>> 3));
        switch ((int) key & 7) {
          case 0: values.add(varint(buffer)); break;
          case 1: values.add(buffer.getDouble()); break;
          case 2:
            long length = varint(buffer);
            if (length < 0 || length > buffer.remaining()) throw new BufferUnderflowException();
            byte[] part = new byte[(int) length];
            buffer.get(part);
            values.add(part);
            break;
          case 5: values.add(buffer.getFloat()); break;
          default: throw new BufferUnderflowException();
        }
      }
    } catch (BufferUnderflowException error) {
      throw new IllegalArgumentException(
          "Expected a SentencePiece model; received something else. Copy the file again.", error);
    }
  }

  private static long varint(ByteBuffer buffer) {
    long found = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = buffer.get();
      found |= (long) (next & 127) << shift;
      if (next >= 0) return found;
    }
  }

  /** All messages of a field. */
  List<Message> messages(int number) {
    List<Message> found = new ArrayList<>();
    for (int i = 0; i < numbers.size(); i++) {
      if (numbers.get(i) == number) found.add(new Message((byte[]) values.get(i)));
    }
    return found;
  }

  /** The last value of a field. */
  private Object last(int number, Object otherwise) {
    int place = numbers.lastIndexOf(number);
    return place < 0 ? otherwise : values.get(place);
  }

  Message message(int number) {
    return new Message(bytes(number));
  }

  byte[] bytes(int number) {
    return (byte[]) last(number, new byte[0]);
  }

  String text(int number, String otherwise) {
    Object found = last(number, null);
    return found == null ? otherwise : new String((byte[]) found, StandardCharsets.UTF_8);
  }

  int whole(int number, int otherwise) {
    return ((Long) last(number, (long) otherwise)).intValue();
  }

  boolean flag(int number, boolean otherwise) {
    return whole(number, otherwise ? 1 : 0) != 0;
  }

  float real(int number) {
    return (Float) last(number, 0f);
  }
}
