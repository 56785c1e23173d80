import {loadTokenizer} from "./tokenizer.js";

/** Bytes that a file of a bundle may unpack to, as in kerasseq. */
const LARGEST = 2 ** 27;
const END = 0x06054b50, ENTRY = 0x02014b50, LOCAL = 0x04034b50, DEFLATED = 8;

/**
 * What rides at the end of a `.tflite` file: its metadata, and tokenizers by their side.
 *
 * @param {ArrayBuffer | Uint8Array} file the whole file
 * @returns {Promise<{metadata: Object, tokenizers: Object}>}
 */
export async function readBundle(file) {
  const files = await opened(file instanceof Uint8Array ? file : new Uint8Array(file));
  const metadata = parse(files, "metadata.json");
  if (metadata.kerasseq !== 1) {
    throw new Error(
      `Expected metadata.json of version 1; received ${metadata.kerasseq}. Use a newer reader.`);
  }
  const sides = new Map();
  for (const [name, content] of files) {
    const cut = name.indexOf("/");
    if (cut > 0) {
      const side = name.slice(0, cut);
      if (!sides.has(side)) sides.set(side, new Map());
      sides.get(side).set(name.slice(cut + 1), content);
    }
  }
  const tokenizers = Object.create(null);
  for (const [side, each] of sides) {
    tokenizers[side] = loadTokenizer(parse(each, "tokenizer.json"), each);
  }
  return {metadata, tokenizers};
}

function parse(files, name) {
  if (!files.has(name)) {
    throw new Error(
      `Expected ${name} in a file that kerasseq exported; received none. Export it again.`);
  }
  return JSON.parse(new TextDecoder().decode(files.get(name)));
}

/** The files of an archive; whatever a damaged one leads to is one sentence. */
async function opened(bytes) {
  try {
    return await unzip(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Error("Expected a whole zip archive; received a damaged one. Copy the file again.",
      {cause: error});
  }
}

/**
 * The files of a zip archive at the end of other bytes, by name.
 *
 * The directory's offsets count from the archive's first byte or from the file's: what stands
 * before the archive is found by where the directory really ends.
 */
async function unzip(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== END) end--;
  if (end < 0) {
    throw new Error("Expected a zip archive at the end of the file; received none. Name a .tflite "
      + "file that kerasseq exported.");
  }
  const count = view.getUint16(end + 10, true), size = view.getUint32(end + 12, true);
  const before = end - size - view.getUint32(end + 16, true);
  const files = new Map();
  let place = end - size;
  for (let number = 0; number < count; number++) {
    const [packed, length] = [20, 24].map(each => view.getUint32(place + each, true));
    const [named, extra, comment] = [28, 30, 32].map(each => view.getUint16(place + each, true));
    const local = before + view.getUint32(place + 42, true);
    const marks = [view.getUint32(place, true), view.getUint32(local, true)];
    if (marks[0] !== ENTRY || marks[1] !== LOCAL || length > LARGEST) {
      throw new Error("Expected a whole zip archive; received a damaged one. Copy the file again.");
    }
    const name = new TextDecoder().decode(bytes.subarray(place + 46, place + 46 + named));
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    if (view.getUint16(place + 10, true) !== DEFLATED) {
      throw new Error(`Expected ${name} deflated; received it otherwise. Export the file again.`);
    }
    const sums = bytes.subarray(place + 16, place + 28);
    const content = await inflate(bytes.subarray(start, start + packed), sums, name);
    files.set(name, content);
    place += 46 + named + extra + comment;
  }
  if (place !== end) throw new RangeError("The directory has another size.");
  return files;
}

/**
 * Unpacks a file.
 *
 * What is deflated becomes a gzip stream, which browsers check and older versions of Node know.
 *
 * @param {Uint8Array} packed
 * @param {Uint8Array} sums of the archive's directory: CRC-32, packed size, size
 * @param {string} name what messages call the file
 */
async function inflate(packed, sums, name) {
  const head = Uint8Array.of(31, 139, 8, 0, 0, 0, 0, 0, 0, 255);
  const parts = [head, packed, sums.subarray(0, 4), sums.subarray(8, 12)];
  const stream = new Blob(parts).stream().pipeThrough(new DecompressionStream("gzip"));
  try {
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (error) {
    throw new Error(`Expected ${name} as it was packed; received other bytes. Copy the file again.`,
      {cause: error});
  }
}
