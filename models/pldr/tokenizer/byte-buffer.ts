/** Bytes that grow at the end. */
export class ByteBuffer {
  length = 0;
  private bytes: Uint8Array;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(Math.max(capacity, 16));
  }

  push(byte: number): void {
    if (this.length === this.bytes.length) this.grow();
    this.bytes[this.length++] = byte;
  }

  append(source: Uint8Array): void {
    for (const byte of source) this.push(byte);
  }

  endsWith(suffix: Uint8Array): boolean {
    const from = this.length - suffix.length;
    return from >= 0 && suffix.every((byte, i) => this.bytes[from + i] === byte);
  }

  /** What was written, without a copy; the buffer is not to be written afterwards. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  private grow(): void {
    const larger = new Uint8Array(this.bytes.length * 2);
    larger.set(this.bytes);
    this.bytes = larger;
  }
}
