/** Texts, or words, as the row of ids that a text encoder reads, and long contexts as several. */

const LONGEST_QUESTION = 64;

/** The row of one text or a pair of texts: its ids, and how many did not fit. */
export function rowOfText(tokenizer, text, maxLength) {
  const {leadIds, separatorIds, closeIds} = tokenizer;
  let room = maxLength - leadIds.length - closeIds.length;
  if (!Array.isArray(text)) {
    const ids = tokenizer.encode(text), kept = ids.slice(0, room);
    const read = kept.length ? kept : [tokenizer.unknownId];
    return {ids: [...leadIds, ...read, ...closeIds], cut: Math.max(0, ids.length - room)};
  }
  const [first, second] = text.map(each => tokenizer.encode(each));
  room -= separatorIds.length;
  // The longer one is cut first; of two that are both too long it has the odd token.
  const half = Math.floor((room + (first.length > second.length ? 1 : 0)) / 2);
  const kept = Math.min(first.length, Math.max(room - second.length, half));
  const others = Math.min(second.length, room - kept);
  const ids = [
    ...leadIds, ...first.slice(0, kept), ...separatorIds, ...second.slice(0, others), ...closeIds];
  return {ids, cut: first.length + second.length - kept - others};
}

/** The row of a sentence of words, with the places of the first tokens of those that fit. */
export function rowOfWords(tokenizer, words, maxLength) {
  const {leadIds, closeIds} = tokenizer;
  const room = maxLength - leadIds.length - closeIds.length;
  const ids = [], places = [];
  for (const word of words) {
    if (ids.length < room) places.push(leadIds.length + ids.length);
    const pieces = tokenizer.encodeWord(word);
    ids.push(...pieces.length ? pieces : [tokenizer.unknownId]);
  }
  const kept = ids.slice(0, room);
  const read = kept.length ? kept : [tokenizer.unknownId];
  return {ids: [...leadIds, ...read, ...closeIds], cut: Math.max(0, ids.length - room), places};
}

/** The rows that cover a context, of which each repeats the question. */
export function rowsOfContext(tokenizer, question, units, maxLength, overlap) {
  const {leadIds, separatorIds, closeIds} = tokenizer;
  const ids = units.flatMap(([, own]) => own);
  const owners = units.flatMap(([, own], number) => own.map(() => number));
  const asked = tokenizer.encode(question);
  const kept = asked.slice(0, Math.min(LONGEST_QUESTION, Math.floor(maxLength / 2) - 2));
  const head = [...leadIds, ...kept, ...separatorIds];
  const room = maxLength - head.length - closeIds.length;
  const advance = room - Math.min(overlap, Math.floor(room / 2));
  const count = Math.max(0, Math.ceil((ids.length - room) / advance)) + 1;
  return Array.from({length: count}, (_, number) => {
    const first = number * advance;
    return {
      ids: [...head, ...ids.slice(first, first + room), ...closeIds],
      cut: asked.length - kept.length,
      start: head.length,
      units: owners.slice(first, first + room),
    };
  });
}
