/** Holds the reader against the vectors that kerasseq wrote: `node --test`. */
import assert from "node:assert/strict";
import {readdir, readFile} from "node:fs/promises";
import {test} from "node:test";
import {pathToFileURL} from "node:url";

import {normalize, readBundle, taskOf} from "../src/index.js";

// KERASSEQ_VECTORS names another folder of vectors.
const folder = process.env.KERASSEQ_VECTORS
  ? pathToFileURL(`${process.env.KERASSEQ_VECTORS}/`) : new URL("../../vectors/", import.meta.url);
const vectors = JSON.parse(await readFile(new URL("vectors.json", folder), "utf8"));
const bundles = {};
for (const file of await readdir(folder)) {
  if (!file.endsWith(".zip")) continue;
  bundles[file.slice(0, -4)] = await readBundle(await readFile(new URL(file, folder)));
}

test("every bundle has vectors", () => {
  assert.deepEqual(Object.keys(bundles).sort(), Object.keys(vectors.tasks).sort());
});

test("texts are cleaned", () => {
  for (const [text, cleaned] of vectors.cleaned) assert.equal(normalize(text), cleaned);
});

for (const [name, known] of Object.entries(vectors.tokenizers)) {
  test(`ids and back: ${name}`, () => {
    const [bundle, side] = name.split("/"), tokenizer = bundles[bundle].tokenizers[side];
    vectors.texts.forEach((text, i) => {
      assert.deepEqual(tokenizer.encode(text), known.ids[i], JSON.stringify(text));
      assert.equal(tokenizer.decode(known.ids[i]), known.back[i]);
    });
    for (const [ids, text] of known.decoded) assert.equal(tokenizer.decode(ids), text, ids.join());
  });
}

for (const [name, known] of Object.entries(vectors.tasks)) {
  test(`rows and answers: ${name}`, async () => {
    for (const each of known) {
      const asked = [];
      const run = async (program, row) => {
        const plain = Object.entries(row).map(([key, ids]) => [key, [...ids]]);
        asked.push([program, Object.fromEntries(plain)]);
        return each.outputs[asked.length - 1];
      };
      const task = taskOf(bundles[name], run);
      const {text = each.input, prefix} = each.input;
      const answer = await task.answer(text, prefix ? {prefix} : {});
      assert.deepEqual(asked, each.rows.map(row => [each.program, row]));
      assert.deepEqual(answer.said, each.said);
      assert.deepEqual((answer.texts ?? []).filter(found => found !== undefined), each.texts);
      assert.equal(answer.truncated, each.truncated);
    }
  });
}
