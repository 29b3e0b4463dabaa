import { maskedCrc32c } from './crc32c.ts';

// Protocol buffers, written by hand: of tensorflow.Event the few fields that scalars and texts need.

/** One message of a TensorBoard event file. */
export interface TensorBoardEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  /** Left out where it is 0. */
  readonly step?: number;
  readonly content:
    | { readonly kind: 'version' }
    /** Whatever an earlier file of the folder says from this step on is void. */
    | { readonly kind: 'restart' }
    | { readonly kind: 'scalars'; readonly values: Readonly<Record<string, number>> }
    /** Markdown, by its tag. */
    | { readonly kind: 'text'; readonly tag: string; readonly text: string };
}

/**
 * The bytes of one record: TFRecord's framing (length and its checksum, message and its checksum) around an Event
 * {1: wall_time, 2: step, 3: file_version, 5: summary, 7: session_log}.
 */
export function eventRecord({ wallTime, step = 0, content }: TensorBoardEvent): Uint8Array {
  const stepField = step === 0 ? [] : [key(2, VARINT), varint(step)];
  return framed(Buffer.concat([key(1, FIXED64), double(wallTime), ...stepField, contentField(content)]));
}

function contentField(content: TensorBoardEvent['content']): Uint8Array {
  switch (content.kind) {
    case 'version':
      return message(3, Buffer.from('brain.Event:2'));
    case 'restart':
      // SessionLog {1: status}, where 1 is START.
      return message(7, Buffer.concat([key(1, VARINT), varint(1)]));
    case 'scalars':
      return message(5, Buffer.concat(Object.entries(content.values).map(([tag, value]) => scalar(tag, value))));
    case 'text':
      return message(5, textValue(content.tag, content.text));
  }
}

/** Summary {1: value}, Value {1: tag, 2: simple_value}. */
const scalar = (tag: string, value: number): Uint8Array =>
  message(1, Buffer.concat([message(1, Buffer.from(tag)), key(2, FIXED32), float(value)]));

/**
 * Summary {1: value}, Value {1: tag, 8: tensor, 9: metadata}, as PyTorch's SummaryWriter has it: a tensor {1: dtype,
 * 2: shape, 8: string_val} of one string, DT_STRING being 7, for the plugin called "text".
 */
function textValue(tag: string, text: string): Uint8Array {
  const ofOne = message(2, Buffer.concat([key(1, VARINT), varint(1)]));
  const tensor = Buffer.concat([key(1, VARINT), varint(7), message(2, ofOne), message(8, Buffer.from(text))]);
  const plugin = message(1, message(1, Buffer.from('text')));
  return message(1, Buffer.concat([message(1, Buffer.from(tag)), message(8, tensor), message(9, plugin)]));
}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

const key = (field: number, wireType: number): Uint8Array => varint(field * 8 + wireType);

const message = (field: number, bytes: Uint8Array): Uint8Array =>
  Buffer.concat([key(field, LENGTH_DELIMITED), varint(bytes.length), bytes]);

/** Seven bits in each byte, the lowest first; the high bit says that more follow. Not by shifts: these have 32 bits. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) + 0x80);
  return Uint8Array.from([...bytes, value]);
}

function double(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

function float(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function word(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function framed(bytes: Uint8Array): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([length, word(maskedCrc32c(length)), bytes, word(maskedCrc32c(bytes))]);
}
