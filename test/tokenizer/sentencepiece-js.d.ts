declare module 'sentencepiece-js' {
  /** SentencePiece itself, compiled to WebAssembly. */
  export class SentencePieceProcessor {
    load(file: string): Promise<void>;
    encodeIds(text: string): number[];
    decodeIds(ids: readonly number[]): string;
  }
}
