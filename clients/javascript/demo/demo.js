/** The page: a text box, and under it what the file `model.tflite` makes of each line. */
import * as litert from "@litertjs/core";

import {open} from "../src/index.js";

const [source, target, status, notice] = ["source", "target", "status", "notice"].map(
  id => document.getElementById(id));
let translator, waiting, asked = 0;

/** Has the page's own files kept too, which were read before `offline.js` was there. */
async function keepFiles() {
  if (!navigator.serviceWorker?.controller) return;
  const cache = await caches.open("kerasseq-demo");
  const read = performance.getEntriesByType("resource").map(each => each.name);
  for (const address of new Set([location.href, ...read])) {
    if (!await cache.match(address)) await fetch(address);
  }
}

const say = (state, text) => {
  document.body.dataset.state = state;
  status.textContent = text;
};

async function translate() {
  const mine = ++asked, lines = source.value.split("\n");
  target.setAttribute("aria-busy", "true");
  const started = performance.now(), answers = [];
  for (const line of lines) {
    answers.push(await translator.answer(line));
    if (mine !== asked) return;  // the text has changed meanwhile
  }
  target.textContent = answers.map(each => each.said).join("\n");
  target.removeAttribute("aria-busy");
  const long = answers.flatMap((each, i) => each.truncated ? [i + 1] : []);
  notice.hidden = !long.length;
  notice.textContent = `Too long, its end was not read: line ${long.join(", ")}.`;
  const took = Math.round(performance.now() - started);
  if (source.value.trim()) say("ready", `Translated in ${took} ms, on this device`);
}

source.addEventListener("input", () => {
  clearTimeout(waiting);
  if (translator) waiting = setTimeout(translate, 120);
});

try {
  if (navigator.serviceWorker) {  // from its second visit on, the page needs no network
    await navigator.serviceWorker.register("offline.js");
    await navigator.serviceWorker.ready;
  }
  say("loading", "Loading the model …");
  await litert.loadLiteRt("../node_modules/@litertjs/core/wasm/", {threads: false});
  translator = await open("model.tflite", litert);
  await keepFiles();
  say("ready", "Ready, also without a network");
  if (source.value) await translate();
} catch (error) {
  say("failed", `It does not run here: ${error.message}`);
  throw error;
}
