/**
 * The characters that a SentencePiece model writes as others: a function from bytes and a place to
 * the longest rule there, its length, 0 for none, and what is written instead.
 *
 * A precompiled map is the size of a double-array trie in bytes (uint32), the trie's units
 * (uint32, all little-endian), and behind them the replacements, each closed by a zero.
 */
export function charsmap(bytes) {
  if (!bytes?.length) return () => [0, null];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = view.getUint32(0, true), texts = bytes.subarray(4 + size);
  const unit = index => view.getUint32(4 + 4 * index, true);
  const jump = each => (each >>> 10) << ((each & 512) >>> 6);
  return (input, start) => {
    let node = jump(unit(0)), length = 0, value = 0;
    for (let place = start; place < input.length; place++) {
      node ^= input[place];
      if (4 * node >= size) break;
      const each = unit(node);
      if ((each & 0x800000ff) !== input[place]) break;
      node ^= jump(each);
      if ((each >>> 8) & 1) [length, value] = [place + 1 - start, unit(node) & 0x7fffffff];
    }
    return length ? [length, texts.subarray(value, texts.indexOf(0, value))] : [0, null];
  };
}
