const hash = (slot: number): number => Math.imul(slot, 0x9e3779b1) >>> 0;

const capacityFor = (nodes: number): number => 2 ** Math.ceil(Math.log2(2 * nodes + 2));

/**
 * A set of byte strings, each with a number ≥ 0, walked one byte at a time.
 * Edges lie in one open-addressed table keyed by (node, byte), so a step costs the same at any branching.
 */
export class ByteTrie {
  /** The node to start from. */
  static readonly root = 0;

  /** Whether it holds no key. */
  readonly empty: boolean;
  private readonly mask: number;
  private readonly shift: number;
  private readonly edges: Int32Array;
  private readonly children: Int32Array;
  private readonly values: Int32Array;

  constructor(entries: readonly (readonly [key: Uint8Array, value: number])[]) {
    const nodes = entries.reduce((sum, [key]) => sum + key.length, 1);
    const capacity = capacityFor(nodes);
    this.empty = entries.length === 0;
    this.mask = capacity - 1;
    this.shift = 32 - Math.log2(capacity);
    this.edges = new Int32Array(capacity).fill(-1);
    this.children = new Int32Array(capacity);
    this.values = new Int32Array(nodes).fill(-1);
    let last = ByteTrie.root;
    for (const [key, value] of entries) {
      let node = ByteTrie.root;
      for (const byte of key) {
        const slot = this.slotOf(node, byte);
        if (this.edges[slot] === -1) {
          this.edges[slot] = node * 256 + byte;
          this.children[slot] = ++last;
        }
        node = this.children[slot]!;
      }
      this.values[node] = value;
    }
  }

  /** The node one byte further, or -1. */
  child(node: number, byte: number): number {
    const slot = this.slotOf(node, byte);
    return this.edges[slot] === -1 ? -1 : this.children[slot]!;
  }

  /** The number of the key that ends at this node, or -1. */
  value(node: number): number {
    return this.values[node]!;
  }

  /** The number of this key, or -1. */
  find(key: Uint8Array): number {
    let node = ByteTrie.root;
    for (let i = 0; i < key.length && node >= 0; i++) node = this.child(node, key[i]!);
    return node < 0 ? -1 : this.value(node);
  }

  /** Length of the longest key that `bytes` begins with at `at`, or 0. */
  longestPrefix(bytes: Uint8Array, at: number): number {
    let longest = 0;
    let node = ByteTrie.root;
    for (let end = at; end < bytes.length; ) {
      node = this.child(node, bytes[end]!);
      if (node < 0) break;
      end++;
      if (this.value(node) >= 0) longest = end - at;
    }
    return longest;
  }

  private slotOf(node: number, byte: number): number {
    const edge = node * 256 + byte;
    let slot = hash(edge) >>> this.shift;
    while (this.edges[slot] !== edge && this.edges[slot] !== -1) slot = (slot + 1) & this.mask;
    return slot;
  }
}
