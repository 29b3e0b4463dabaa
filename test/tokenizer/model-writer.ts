import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** Piece types of sentencepiece_model.proto. */
export const PIECE = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

export interface WrittenPiece {
  readonly text: string;
  readonly score?: number;
  readonly type: number;
}

export interface WrittenModel {
  readonly pieces: readonly WrittenPiece[];
  readonly modelType?: number;
  readonly byteFallback?: boolean;
  readonly whitespaceAsSuffix?: boolean;
  readonly addDummyPrefix?: boolean;
  readonly removeExtraWhitespaces?: boolean;
  readonly escapeWhitespaces?: boolean;
  readonly charsmap?: Uint8Array;
  readonly denormaliserCharsmap?: Uint8Array;
  readonly unkSurface?: string;
}

type Fill = (writer: BinaryWriter) => void;

const message = (writer: BinaryWriter, field: number, fill: Fill): void => {
  writer.tag(field, WireType.LengthDelimited).fork();
  fill(writer);
  writer.join();
};
const bool = (writer: BinaryWriter, field: number, value: boolean | undefined): void => {
  if (value !== undefined) writer.tag(field, WireType.Varint).bool(value);
};
const bytes = (writer: BinaryWriter, field: number, value: Uint8Array | undefined): void => {
  if (value !== undefined) writer.tag(field, WireType.LengthDelimited).bytes(value);
};

/** A SentencePiece model file; the trainer specification names the frame pieces [UNK], [START], [END] and [PAD]. */
export function writeModel(model: WrittenModel): Uint8Array {
  const writer = new BinaryWriter();
  for (const piece of model.pieces) {
    message(writer, 1, (w) => {
      w.tag(1, WireType.LengthDelimited).string(piece.text);
      w.tag(2, WireType.Bit32).float(piece.score ?? 0);
      w.tag(3, WireType.Varint).int32(piece.type);
    });
  }
  message(writer, 2, (w) => {
    w.tag(3, WireType.Varint).int32(model.modelType ?? 1);
    bool(w, 24, model.whitespaceAsSuffix);
    bool(w, 35, model.byteFallback);
    if (model.unkSurface !== undefined) w.tag(44, WireType.LengthDelimited).string(model.unkSurface);
    ['[UNK]', '[START]', '[END]', '[PAD]'].forEach((name, i) => w.tag(45 + i, WireType.LengthDelimited).string(name));
  });
  message(writer, 3, (w) => {
    bytes(w, 2, model.charsmap);
    bool(w, 3, model.addDummyPrefix);
    bool(w, 4, model.removeExtraWhitespaces);
    bool(w, 5, model.escapeWhitespaces);
  });
  if (model.denormaliserCharsmap !== undefined) message(writer, 5, (w) => bytes(w, 2, model.denormaliserCharsmap));
  return writer.finish();
}

/** The pieces <0x00> to <0xFF>. */
export const bytePieces: readonly WrittenPiece[] = Array.from({ length: 256 }, (_, byte) => ({
  text: `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
  type: PIECE.byte,
}));

export const framePieces: readonly WrittenPiece[] = [
  { text: '[PAD]', type: PIECE.control },
  { text: '[UNK]', type: PIECE.unknown },
  { text: '[START]', type: PIECE.control },
  { text: '[END]', type: PIECE.control },
];
