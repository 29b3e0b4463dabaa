// PLDR-LLM in jax-js: one text, KV-cache and G-cache, f32; model_jax.py is the same in Python.
import { loadConfig, loadWeights, rotations } from './checkpoint.mjs';
import { passesOf } from './passes.mjs';

/** Holds weights and the caches of one text, which `prefill` begins and `step` extends. */
export class Model {
  #jax;
  #passes;
  #weights;
  #turn;
  /** Of the text: {operators, position, cache}. */
  #text = {};

  static async open(jax, folder, capacity) {
    const config = await loadConfig(folder);
    const model = new Model();
    model.#jax = jax;
    model.#passes = passesOf(jax, config, capacity);
    model.#weights = await loadWeights(jax, folder, config);
    model.#turn = rotations(jax, config, capacity);
    return model;
  }

  /** Reads a text, makes G from it, and returns the logits [1, vocab] after its last token and the greedy one [1]. */
  prefill(ids) {
    const { tree } = this.#jax;
    tree.dispose(this.#text);
    const { logits, token, ...made } = this.#passes.prefill(
      tree.ref(this.#weights), tree.ref(this.#turn), this.#ids(ids),
    );
    this.#text = { ...made, position: this.#ids([ids.length]) };
    return { logits, token };
  }

  /** Reads one more token [1] under the G of the text's beginning. */
  step(read) {
    const { tree } = this.#jax;
    const { nets: _, ...weights } = this.#weights;
    const { operators, position, cache } = this.#text;
    const { logits, token, ...made } = this.#passes.step(
      tree.ref(weights), tree.ref(this.#turn), tree.ref(operators), read, position, cache,
    );
    this.#text = { operators, ...made };
    return { logits, token };
  }

  /** Greedy tokens, one by one; each is read while the next is being computed. */
  async *generate(prompt, tokens) {
    let token = this.#greedy(this.prefill(prompt));
    yield await this.#host(token.ref);
    for (let n = 1; n < tokens; n++) {
      const before = token.ref;
      token = this.#greedy(this.step(token));
      if (n > 1) yield await this.#host(before);
      else before.dispose();
    }
    if (tokens > 1) yield await this.#host(token);
    else token.dispose();
  }

  /** Logits after the prompt and after each of the tokens `fed`, one array for each. */
  async logits(prompt, fed) {
    const rows = [];
    for (let n = 0; n <= fed.length; n++) {
      const { logits, token } = n === 0 ? this.prefill(prompt) : this.step(this.#ids([fed[n - 1]]));
      token.dispose();
      rows.push(await logits.data());
    }
    return rows;
  }

  #ids(values) {
    const { numpy: np } = this.#jax;
    return np.array(Int32Array.from(values));
  }

  #greedy({ logits, token }) {
    logits.dispose();
    return token;
  }

  async #host(token) {
    return (await token.data())[0];
  }
}
