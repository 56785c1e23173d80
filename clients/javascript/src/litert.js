import {readBundle} from "./bundle.js";
import {taskOf} from "./task.js";

/**
 * Opens an exported file in LiteRT.js.
 *
 * @param {string | Uint8Array} file its address, or its bytes
 * @param {Object} litert the module `@litertjs/core`, of which `loadLiteRt` has run
 * @param {Object} [options] for `loadAndCompile`
 * @returns {Promise<import("./task.js").Task>}
 */
export async function open(file, litert, options = {accelerator: "wasm"}) {
  const bytes = typeof file === "string" ? await download(file) : file;
  const bundle = await readBundle(bytes);
  return taskOf(bundle, runnerOf(await litert.loadAndCompile(bytes, options), litert.Tensor));
}

/**
 * Runs the signatures of a compiled model, one at a time.
 *
 * @param {Object} model what `loadAndCompile` gave
 * @param {Function} Tensor LiteRT.js' class
 * @returns {import("./task.js").Run}
 */
export function runnerOf(model, Tensor) {
  let turn = Promise.resolve();
  const run = async (program, inputs) => {
    const given = Object.fromEntries(
      Object.entries(inputs).map(([name, ids]) => [name, new Tensor(ids, [1, ids.length])]));
    try {
      const found = await model.run(program, given);
      const numbers = Object.fromEntries(
        Object.entries(found).map(([name, each]) => [name, Array.from(each.toTypedArray())]));
      Object.values(found).forEach(each => each.delete());
      return numbers;
    } finally {
      Object.values(given).forEach(each => each.delete());
    }
  };
  return (...asked) => {
    const mine = turn.then(() => run(...asked));
    turn = mine.catch(() => {});
    return mine;
  };
}

async function download(address) {
  const response = await fetch(address);
  if (!response.ok) {
    throw new Error(
      `Expected a .tflite file at ${address}; received ${response.status}. Check the address.`);
  }
  return new Uint8Array(await response.arrayBuffer());
}
