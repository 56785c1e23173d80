import {charsmap} from "./charsmap.js";
import {Heap} from "./heap.js";
import {fields, message, refused, text} from "./protocol_buffer.js";

/** A trained SentencePiece model: its file, its normaliser, and both kinds of cutting. */

export const KINDS = {normal: 1, unknown: 2, control: 3, user: 4, unused: 5, byte: 6};
const UNIGRAM = 1, BPE = 2;
const UNKNOWN_PENALTY = 10;
const SMALLEST = 1.1754943508222875e-38;  // C++'s FLT_MIN, from which the best score is sought
export const BLANK = "▁";
const {fround} = Math;
const ENCODER = new TextEncoder(), DECODER = new TextDecoder("utf-8", {ignoreBOM: true});

export class SentencePieceModel {
  /** @param {Uint8Array} bytes the content of a `.model` file */
  constructor(bytes) {
    this.pieces = [];
    this.scores = [];
    this.kinds = [];
    let trainer = {}, normalizer = {}, denormalizer = {};
    for (const [number, value] of fields(bytes)) {
      if (number === 1) {
        const piece = message(value);
        this.pieces.push(text(piece[1]));
        this.scores.push(piece[2] ?? 0);
        this.kinds.push(piece[3] ?? KINDS.normal);
      }
      if (number === 2) trainer = message(value);
      if (number === 3) normalizer = message(value);
      if (number === 5) denormalizer = message(value);
    }
    const kind = trainer[3] ?? UNIGRAM;
    if (kind !== UNIGRAM && kind !== BPE) {
      throw refused("a unigram or byte-pair model", `model_type ${kind}`);
    }
    if (trainer[24]) throw refused("spaces before words", "treat_whitespace_as_suffix");
    this.cut = kind === UNIGRAM ? this.unigram : this.bytePairs;
    this.byteFallback = Boolean(trainer[35]);
    this.unknownSurface = text(trainer[44], " ⁇ ");
    this.dummyPrefix = Boolean(normalizer[3] ?? 1);
    this.removeSpaces = Boolean(normalizer[4] ?? 1);
    this.escapeSpaces = Boolean(normalizer[5] ?? 1);
    this.charsmap = charsmap(normalizer[2]);
    if (denormalizer[2]?.length) throw refused("no denormaliser", "one");
    const of = kind => this.pieces.flatMap((_, id) => this.kinds[id] === kind ? [id] : []);
    // What a text can be cut into; symbols and bytes are found by their names alone.
    this.ids = new Map();
    const cut = [KINDS.normal, KINDS.user, KINDS.unused].flatMap(of);
    for (const id of cut) this.ids.set(this.pieces[id], id);
    [this.unknownId] = of(KINDS.unknown);
    this.bytes = new Map(of(KINDS.byte).map(id => [this.pieces[id], id]));
    this.longest = Math.max(0, ...[...this.ids.keys()].map(each => [...each].length));
    this.user = of(KINDS.user).map(id => ENCODER.encode(this.pieces[id]));
    this.user.sort((a, b) => b.length - a.length);
    const normal = of(KINDS.normal).map(id => this.scores[id]);
    this.least = normal.reduce((a, b) => Math.min(a, b), 3.4028234663852886e38);
    this.most = normal.reduce((a, b) => Math.max(a, b), SMALLEST);
  }

  /** The id of a piece or symbol; that of the unknown one without any. */
  idOf(piece) {
    return this.ids.get(piece) ?? this.unknownId;
  }

  /** Whether a user's symbol stands at a place: its length in bytes, or 0. */
  symbolAt(bytes, place) {
    const found = this.user.find(each => each.every((byte, i) => bytes[place + i] === byte));
    return found ? found.length : 0;
  }

  /** A text as its pieces are looked for: characters replaced, spaces as "▁". */
  normalize(given) {
    const input = ENCODER.encode(given), out = [];
    const space = this.escapeSpaces ? [0xe2, 0x96, 0x81] : [0x20];
    let place = 0;
    const next = () => {
      const own = this.symbolAt(input, place);
      const [length, replaced] = own ? [own, null] : this.charsmap(input, place);
      const size = length || characterLength(input[place]);
      const found = replaced ?? input.subarray(place, place + size);
      place += size;
      return found;
    };
    if (this.removeSpaces) {
      for (let before = 0; place < input.length; before = place) {
        const found = next();
        if (found.length !== 1 || found[0] !== 0x20) {
          place = before;
          break;
        }
      }
    }
    if (place === input.length) return "";
    if (this.dummyPrefix) out.push(...space);
    for (let spaced = this.removeSpaces; place < input.length;) {
      let found = next();
      if (spaced) {
        let first = 0;
        while (found[first] === 0x20) first++;
        found = found.subarray(first);
      }
      for (const byte of found) byte === 0x20 ? out.push(...space) : out.push(byte);
      if (found.length) spaced = found.at(-1) === 0x20;
      if (!this.removeSpaces) spaced = false;
    }
    const written = DECODER.decode(Uint8Array.from(out));
    if (!this.removeSpaces) return written;
    return written.replace(this.escapeSpaces ? /▁+$/ : / +$/, "");
  }

  /** The ids of a text. */
  encode(given) {
    const found = [];
    let unknown = false;
    for (const [piece, id] of this.cut(this.normalize(given))) {
      if (id !== this.unknownId) found.push(id);
      else if (this.byteFallback) {
        const bytes = [...ENCODER.encode(piece)];
        found.push(...bytes.map(byte => this.bytes.get(byteName(byte)) ?? this.unknownId));
      } else if (!unknown) found.push(id);  // a run of unknown pieces is one
      unknown = id === this.unknownId;
    }
    return found;
  }

  /** The likeliest pieces (Viterbi), in float32 as SentencePiece adds them up. */
  unigram(normalized) {
    const letters = [...normalized];
    const lengths = letters.map(each => ENCODER.encode(each).length);
    const unknown = fround(this.least - UNKNOWN_PENALTY);
    const best = Array.from({length: letters.length + 1}, () => ({score: 0, start: -1, id: -1}));
    const offer = (end, start, id, score) => {
      if (best[end].start === -1 || score > best[end].score) {
        best[end] = {score, start, id};
      }
    };
    for (let start = 0; start < letters.length; start++) {
      const before = best[start].score;
      let piece = "", bytes = 0, single = false;
      for (let end = start + 1; end <= Math.min(letters.length, start + this.longest); end++) {
        piece += letters[end - 1];
        bytes += lengths[end - 1];
        const id = this.ids.get(piece);
        if (id === undefined || this.kinds[id] === KINDS.unused) continue;
        const user = this.kinds[id] === KINDS.user;
        const score = user ? fround(fround(bytes * this.most) - 0.1) : this.scores[id];
        offer(end, start, id, fround(score + before));
        single ||= end === start + 1;
      }
      if (!single) offer(start + 1, start, this.unknownId, fround(unknown + before));
    }
    const found = [];
    for (let end = letters.length; end > 0; end = best[end].start) {
      found.push([letters.slice(best[end].start, end).join(""), best[end].id]);
    }
    return found.reverse();
  }

  /** The pieces that merges make, of the best score first, the left one of equal ones. */
  bytePairs(normalized) {
    const symbols = [], bytes = ENCODER.encode(normalized);
    for (let place = 0; place < bytes.length;) {
      const own = this.symbolAt(bytes, place), size = own || characterLength(bytes[place]);
      const piece = DECODER.decode(bytes.subarray(place, place + size));
      symbols.push({piece, frozen: own > 0, before: symbols.length - 1, next: symbols.length + 1});
      place += size;
    }
    if (symbols.length) symbols.at(-1).next = -1;
    const pairs = new Heap((a, b) => a.score > b.score || (a.score === b.score && a.left < b.left));
    const halves = new Map();
    const offer = (left, right) => {
      if (left < 0 || right < 0 || symbols[left].frozen || symbols[right].frozen) return;
      const piece = symbols[left].piece + symbols[right].piece, id = this.ids.get(piece);
      if (id === undefined) return;
      pairs.push({left, right, score: this.scores[id], size: piece.length});
      if (this.kinds[id] === KINDS.unused) {
        halves.set(piece, [symbols[left].piece, symbols[right].piece]);
      }
    };
    for (let right = 1; right < symbols.length; right++) offer(right - 1, right);
    for (let pair; (pair = pairs.pop());) {
      const left = symbols[pair.left], right = symbols[pair.right];
      const whole = left.piece && right.piece;
      if (!whole || left.piece.length + right.piece.length !== pair.size) continue;
      left.piece += right.piece;
      left.next = right.next;
      if (right.next >= 0) symbols[right.next].before = pair.left;
      right.piece = "";
      offer(left.before, pair.left);
      offer(pair.left, left.next);
    }
    const found = [];
    const take = piece => {
      const id = this.idOf(piece);
      if (this.kinds[id] === KINDS.unused && halves.has(piece)) halves.get(piece).forEach(take);
      else found.push([piece, id]);
    };
    for (let at = symbols.length ? 0 : -1; at >= 0; at = symbols[at].next) take(symbols[at].piece);
    return found;
  }

  /** Ids to a text. */
  decode(ids) {
    let written = "", first = true, spaceSeen = false, bytes = [];
    const flush = () => {
      written += charactersOf(bytes);
      bytes = [];
    };
    for (const id of ids) {
      if (this.kinds[id] === KINDS.byte) {
        bytes.push(parseInt(this.pieces[id].slice(3, 5), 16));
        continue;
      }
      flush();
      if (spaceSeen || written) first = false;
      spaceSeen = false;
      if (this.kinds[id] === KINDS.control) continue;
      if (this.kinds[id] === KINDS.unknown) {
        written += this.unknownSurface;
        continue;
      }
      let piece = this.pieces[id];
      if (first && (this.dummyPrefix || this.removeSpaces) && piece.startsWith(BLANK)) {
        piece = piece.slice(1);
        spaceSeen = !this.removeSpaces;
      }
      written += piece.replaceAll(BLANK, " ");
    }
    flush();
    return written;
  }
}

const byteName = byte => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
const characterLength = byte => byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;

/** Bytes as text in UTF-8; each one that is no part of a character is U+FFFD. */
function charactersOf(bytes) {
  let written = "";
  for (let place = 0; place < bytes.length;) {
    const size = bytes[place] < 0xc0 ? 1 : characterLength(bytes[place]);
    const part = Uint8Array.from(bytes.slice(place, place + size));
    try {
      written += new TextDecoder("utf-8", {fatal: true, ignoreBOM: true}).decode(part);
      place += size;
    } catch {
      written += "\ufffd";
      place++;
    }
  }
  return written;
}
