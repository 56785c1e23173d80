const DECODER = new TextDecoder("utf-8", {ignoreBOM: true});

/** An error of a model. */
export const refused = (expected, received) => new Error(
  `Expected ${expected}; received ${received}. Train another model, or copy the file again.`);

/** Yields the fields of a protocol buffer's message: number, and value (a number or bytes). */
export function* fields(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let place = 0;
  const varint = () => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = view.getUint8(place++);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (place < bytes.length) {
    const key = varint(), number = Math.floor(key / 8);
    switch (key % 8) {
      case 0: yield [number, varint()]; break;
      case 1: place += 8; break;
      case 2: {
        const length = varint();
        if (place + length > bytes.length) throw refused("a whole SentencePiece model", "a part");
        yield [number, bytes.subarray(place, place += length)];
        break;
      }
      case 5: yield [number, view.getFloat32(place, true)]; place += 4; break;
      default: throw refused("a SentencePiece model", "something else");
    }
  }
}

/** The last value of each field, by number. */
export const message = bytes => Object.fromEntries(fields(bytes));

/** A field's bytes as text. */
export const text = (bytes, otherwise = "") => bytes === undefined
  ? otherwise : DECODER.decode(bytes);
