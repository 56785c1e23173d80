import {normalize} from "./cleaning.js";
import {rowOfText, rowOfWords, rowsOfContext} from "./rows.js";

const NOTHING = -1e9;  // the score of no hypothesis
const LIKELY = 0.5;  // a label of several is given from this probability on
const OUTSIDE = "O";  // the tag of a word that was not read

/**
 * @callback Run runs a signature of the model
 * @param {string} program
 * @param {Object<string, Int32Array>} inputs rows of ids, padded with 0, of batch 1
 * @returns {Promise<Object<string, ArrayLike>>} outputs by name, flat or nested
 */

/** What a bundle's task makes of an input; `kind` is "translator", "classifier" and so on. */
export class Task {
  /** @param {{metadata: Object, tokenizers: Object}} bundle @param {Run} run */
  constructor({metadata, tokenizers}, run) {
    Object.assign(this, {kind: metadata.task, metadata, run});
    Object.assign(this, tokenizers);  // source and target, or tokenizer
  }

  /**
   * Answers one input.
   *
   * @param {string | string[]} input a text, a pair of texts, or a sentence's words
   * @returns {Promise<{said: any, texts?: string[], score?: number, truncated: boolean}>} `said` is
   *   what the task says: a translation, a label, tags, an answer, a vector
   */
  async answer(input) {
    throw new Error(`Expected taskOf to make a task; received ${this.kind}, for ${input}. Use it.`);
  }

  async ask(program, length, {ids, ...others}) {
    const inputs = {[program === "read" ? "tokens" : "source"]: padded(ids, length), ...others};
    const found = await this.run(program, inputs);
    return Object.fromEntries(
      Object.entries(found).map(([name, each]) => [name, [...each].flat(Infinity)]));
  }
}

class Translator extends Task {
  /** Answers a line; with a `prefix` the translation begins so. */
  async answer(line, {prefix = ""} = {}) {
    const {source, target, metadata} = this;
    const {max_length: longest, max_source_length: length, replace_unknown: copies} = metadata;
    const {source_before: before = [], source_behind: behind = []} = metadata;
    const given = (metadata.target_before ?? []).slice(1);
    const pieces = source.encode(line), room = length - before.length - behind.length - 1;
    const read = [...pieces.slice(0, room), source.endId];
    const begun = target.encode(prefix), most = longest - given.length - 1;
    if (begun.length > most) {
      throw new Error(
        `Expected a prefix of at most ${most} tokens; received ${begun.length}. Shorten it.`);
    }
    const row = {ids: [...before, ...read, ...behind]};
    if (begun.length) row.prefix = padded(begun, most);
    const found = await this.ask(begun.length ? "complete" : "translate", length, row);
    const places = found.tokens.length / found.lengths.length;
    const words = copies ? source.tokens(line).slice(0, length - 1) : [];
    const hypotheses = found.lengths.map((size, n) => {
      const ids = found.tokens.slice(n * places + given.length, n * places + size);
      const unknown = words.length ? ids.map((_, place) => {
        const first = (n * places + given.length + place) * length + before.length;
        const last = first + Math.min(words.length, read.length);
        return words[argmax(found.attention.slice(first, last))];
      }) : undefined;
      return {
        text: read.length === 1 ? "" : target.decode(ids, unknown),
        score: found.scores[n],
        finished: ids.at(-1) === target.endId,
      };
    });
    const kept = new Map();
    for (const each of hypotheses) {
      const real = each.score > NOTHING / 2 || !kept.size;
      if (real && !kept.has(each.text)) kept.set(each.text, each);
    }
    const best = [...kept.values()];
    return {
      said: best[0].text, texts: [...kept.keys()], score: best[0].score, hypotheses: best,
      truncated: pieces.length > room};
  }
}

class Classifier extends Task {
  async answer(text) {
    const {max_length: length, labels, kind} = this.metadata;
    const row = rowOfText(this.tokenizer, text, length);
    const {outputs} = await this.ask("read", length, {ids: row.ids});
    const order = labels.map((_, i) => i).sort((a, b) => outputs[b] - outputs[a] || a - b);
    const said = {
      single_label: () => labels[order[0]],
      multi_label: () => order.filter(i => outputs[i] >= LIKELY).map(i => labels[i]),
      regression: () => outputs[0],
    }[kind]();
    return {
      said, texts: order.map(i => labels[i]), score: outputs[order[0]],
      probabilities: outputs, truncated: row.cut > 0};
  }
}

class Tagger extends Task {
  async answer(sentence) {
    const {max_length: length, labels} = this.metadata;
    const words = Array.isArray(sentence)
      ? sentence : normalize(sentence).split(" ").filter(Boolean);
    const row = rowOfWords(this.tokenizer, words, length);
    const {outputs} = await this.ask("read", length, {ids: row.ids});
    const chosen = row.places.map(place => {
      const each = outputs.slice(place * labels.length, (place + 1) * labels.length);
      return [labels[argmax(each)], Math.max(...each)];
    });
    const said = words.map((_, i) => chosen[i]?.[0] ?? OUTSIDE);
    const score = chosen.reduce((sum, [, each]) => sum + each, 0) / (chosen.length || 1);
    return {said, texts: [said.join(" ")], score, words, truncated: row.cut > 0};
  }
}

class QuestionAnswerer extends Task {
  async answer([question, context]) {
    const {max_length: length, overlap, threshold} = this.metadata;
    const units = this.tokenizer.units(normalize(context));
    const rows = rowsOfContext(this.tokenizer, question, units, length, overlap);
    let best = null;
    for (const row of rows) {
      const [first, last, score] = (await this.ask("read", length, {ids: row.ids})).outputs;
      if (!best || score > best.score) best = {row, first, last, score};
    }
    const {row, first, last, score} = best, truncated = row.cut > 0;
    if (!row.units.length || (threshold !== null && score < threshold)) {
      return {said: "", texts: [""], score, start: 0, truncated};
    }
    const [begin, end] = [first, last].map(place => row.units[place - row.start]);
    const joined = (from, to) => units.slice(from, to).map(([text]) => text).join("");
    const stretch = joined(begin, end + 1), said = stretch.replace(/^ +| +$/g, "");
    const start = joined(0, begin).length + stretch.search(/[^ ]|$/);  // in UTF-16 units
    return {said, texts: [said], score, start, truncated};
  }
}

class TextEncoder extends Task {
  async answer(text) {
    const {max_length: length} = this.metadata;
    const row = rowOfText(this.tokenizer, text, length);
    const {outputs} = await this.ask("read", length, {ids: row.ids});
    return {said: outputs, truncated: row.cut > 0};
  }
}

const TASKS = {
  translator: Translator, classifier: Classifier, tagger: Tagger, span_finder: QuestionAnswerer,
  text_encoder: TextEncoder};

/**
 * The task of a bundle.
 *
 * @param {{metadata: Object, tokenizers: Object}} bundle as `readBundle` gives it
 * @param {Run} run
 * @returns {Task}
 */
export function taskOf(bundle, run) {
  const {task} = bundle.metadata;
  if (!Object.hasOwn(TASKS, task)) {
    throw new Error(`Expected a task of ${Object.keys(TASKS).join(", ")}; received ${task}. Use `
      + "kerasseq's own runtime.");
  }
  for (const side of task === "translator" ? ["source", "target"] : ["tokenizer"]) {
    if (!bundle.tokenizers[side]) {
      throw new Error(`Expected a tokenizer ${side} in the file; received none. Export it again.`);
    }
  }
  return new TASKS[task](bundle, run);
}

function padded(ids, length) {
  const row = new Int32Array(length);
  row.set(ids);
  return row;
}

const argmax = numbers => numbers.reduce((best, each, i) => each > numbers[best] ? i : best, 0);
