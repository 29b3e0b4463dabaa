/*
 * What the CPU device uses of the JavaScript API of WebAssembly. TypeScript has it in its library of the DOM, with which a
 * program for Node would also seem to have a document and a window.
 */
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { readonly initial: number; readonly maximum?: number; readonly shared?: boolean });
    readonly buffer: SharedArrayBuffer;
    /** By so many pages of 64 KiB. @throws RangeError */
    grow(pages: number): number;
  }

  class Instance {
    readonly exports: Readonly<Record<string, unknown>>;
  }

  /** Whether the engine would take a module. */
  function validate(bytes: Uint8Array): boolean;

  function instantiate(
    bytes: Uint8Array,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ): Promise<{ readonly instance: Instance }>;
}
