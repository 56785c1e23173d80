/** Reading the `.tflite` files that kerasseq exports. The contract is docs/bundle.md. */
export {readBundle} from "./bundle.js";
export {normalize} from "./cleaning.js";
export {open, runnerOf} from "./litert.js";
export {Task, taskOf} from "./task.js";
export {loadTokenizer, Tokenizer} from "./tokenizer.js";
