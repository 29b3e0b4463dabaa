import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { RicciError } from '../../../dsl/errors.ts';

export type PieceKind = 'normal' | 'unknown' | 'control' | 'userDefined' | 'unused' | 'byte';

export interface Piece {
  readonly text: string;
  readonly bytes: Uint8Array;
  /** Log probability, a float32. */
  readonly score: number;
  readonly kind: PieceKind;
}

export interface TrainerSpec {
  readonly modelType: number;
  readonly byteFallback: boolean;
  readonly whitespaceAsSuffix: boolean;
  readonly unkPiece: string;
  readonly bosPiece: string;
  readonly eosPiece: string;
  readonly padPiece: string;
  readonly unkSurface: string;
}

export interface NormaliserSpec {
  readonly charsmap: Uint8Array;
  readonly addDummyPrefix: boolean;
  readonly removeExtraWhitespaces: boolean;
  readonly escapeWhitespaces: boolean;
}

/** What a tokenizer needs of a SentencePiece model file (sentencepiece_model.proto). */
export interface ModelFile {
  readonly pieces: readonly Piece[];
  readonly trainer: TrainerSpec;
  readonly normaliser: NormaliserSpec;
  readonly hasDenormaliser: boolean;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type FieldReaders = Readonly<Record<number, { readonly type: WireType; readonly read: () => void }>>;

const kindOfType: Readonly<Record<number, PieceKind>> = {
  1: 'normal',
  2: 'unknown',
  3: 'control',
  4: 'userDefined',
  5: 'unused',
  6: 'byte',
};

/** Reads the fields that are named and steps over the others, as protobuf readers must. */
const readFields = (reader: BinaryReader, fields: FieldReaders): void => {
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    const field = fields[number];
    if (field === undefined) reader.skip(type, number);
    else if (field.type === type) field.read();
    else throw new Error(`field ${number} has wire type ${type} and not ${field.type}`);
  }
};

const readPiece = (bytes: Uint8Array, textOf: (utf8: Uint8Array) => string): Piece => {
  const reader = new BinaryReader(bytes);
  let [key, score, type] = [new Uint8Array(), 0, 1];
  readFields(reader, {
    1: { type: WireType.LengthDelimited, read: () => (key = new Uint8Array(reader.bytes())) },
    2: { type: WireType.Bit32, read: () => (score = reader.float()) },
    3: { type: WireType.Varint, read: () => (type = reader.int32()) },
  });
  const kind = kindOfType[type];
  if (kind === undefined) throw new Error(`piece type ${type} is unknown`);
  return { text: textOf(key), bytes: key, score, kind };
};

const readTrainer = (bytes: Uint8Array): TrainerSpec => {
  const reader = new BinaryReader(bytes);
  const spec: Writable<TrainerSpec> = {
    modelType: 1,
    byteFallback: false,
    whitespaceAsSuffix: false,
    unkPiece: '<unk>',
    bosPiece: '<s>',
    eosPiece: '</s>',
    padPiece: '<pad>',
    unkSurface: ' \u2047 ',
  };
  readFields(reader, {
    3: { type: WireType.Varint, read: () => (spec.modelType = reader.int32()) },
    24: { type: WireType.Varint, read: () => (spec.whitespaceAsSuffix = reader.bool()) },
    35: { type: WireType.Varint, read: () => (spec.byteFallback = reader.bool()) },
    44: { type: WireType.LengthDelimited, read: () => (spec.unkSurface = reader.string()) },
    45: { type: WireType.LengthDelimited, read: () => (spec.unkPiece = reader.string()) },
    46: { type: WireType.LengthDelimited, read: () => (spec.bosPiece = reader.string()) },
    47: { type: WireType.LengthDelimited, read: () => (spec.eosPiece = reader.string()) },
    48: { type: WireType.LengthDelimited, read: () => (spec.padPiece = reader.string()) },
  });
  return spec;
};

const readNormaliser = (bytes: Uint8Array): NormaliserSpec => {
  const reader = new BinaryReader(bytes);
  const spec: Writable<NormaliserSpec> = {
    charsmap: new Uint8Array(),
    addDummyPrefix: true,
    removeExtraWhitespaces: true,
    escapeWhitespaces: true,
  };
  readFields(reader, {
    2: { type: WireType.LengthDelimited, read: () => (spec.charsmap = new Uint8Array(reader.bytes())) },
    3: { type: WireType.Varint, read: () => (spec.addDummyPrefix = reader.bool()) },
    4: { type: WireType.Varint, read: () => (spec.removeExtraWhitespaces = reader.bool()) },
    5: { type: WireType.Varint, read: () => (spec.escapeWhitespaces = reader.bool()) },
  });
  return spec;
};

const readModel = (bytes: Uint8Array): ModelFile => {
  const reader = new BinaryReader(bytes);
  // Kept as it is: a byte order mark is a piece of some models.
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  const textOf = (bytes: Uint8Array): string => utf8.decode(bytes);
  const pieces: Piece[] = [];
  let trainer: TrainerSpec | undefined;
  let normaliser: NormaliserSpec | undefined;
  let hasDenormaliser = false;
  readFields(reader, {
    1: { type: WireType.LengthDelimited, read: () => pieces.push(readPiece(reader.bytes(), textOf)) },
    2: { type: WireType.LengthDelimited, read: () => (trainer = readTrainer(reader.bytes())) },
    3: { type: WireType.LengthDelimited, read: () => (normaliser = readNormaliser(reader.bytes())) },
    5: {
      type: WireType.LengthDelimited,
      read: () => (hasDenormaliser = readNormaliser(reader.bytes()).charsmap.length > 0),
    },
  });
  // SentencePiece writes both after the pieces, so a file cut between two pieces shows here and nowhere else.
  if (trainer === undefined) throw new Error('it ends before the trainer specification');
  if (normaliser === undefined) throw new Error('it ends before the normaliser specification');
  return { pieces, trainer, normaliser, hasDenormaliser };
};

/**
 * Reads a SentencePiece model file; `name` stands for it in errors.
 *
 * @throws RicciError `tokenizer/not-sentencepiece` where the bytes are another format, damaged or cut short
 */
export const parseModelFile = (bytes: Uint8Array, name: string): ModelFile => {
  try {
    return readModel(bytes);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RicciError({
      code: 'tokenizer/not-sentencepiece',
      message: `${name} (${bytes.length} bytes) is not a whole SentencePiece model: ${reason}.`,
      hint: 'Give the tokenizer.model file itself; if it is that, its download was cut short: fetch it again.',
      cause,
    });
  }
};
