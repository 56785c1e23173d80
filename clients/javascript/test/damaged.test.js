/** A damaged file is refused with a sentence, or read as it was. */
import assert from "node:assert/strict";
import {readFile} from "node:fs/promises";
import {test} from "node:test";

import {readBundle, taskOf} from "../src/index.js";

const file = new Uint8Array(await readFile(new URL("../../vectors/accents.zip", import.meta.url)));

test("whatever byte is another", async () => {
  const whole = JSON.stringify(await readBundle(file));
  let refused = 0;
  for (let place = 0; place < file.length; place++) {
    const damaged = file.slice();
    damaged[place] ^= 1 << place % 8;
    try {
      assert.equal(JSON.stringify(await readBundle(damaged)), whole);
    } catch (error) {
      assert.match(error.message, /^Expected .*\. .*\.$/, `byte ${place}`);
      refused++;
    }
  }
  assert.ok(refused > file.length / 2);
});

test("wherever it is cut", async () => {
  for (let length = 0; length < file.length; length += 7) {
    await assert.rejects(readBundle(file.slice(0, length)), /^Error: Expected/);
  }
});

test("a task that is not known, or lacks a tokenizer", async () => {
  const {metadata, tokenizers} = await readBundle(file);
  const other = {...metadata, task: "captioner"};
  assert.throws(() => taskOf({metadata: other, tokenizers}, null), /received captioner/);
  assert.throws(() => taskOf({metadata, tokenizers: {}}, null), /Expected a tokenizer/);
});
