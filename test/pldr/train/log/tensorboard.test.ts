import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c, maskedCrc32c } from '../../../../models/pldr/train/log/crc32c.ts';
import { eventRecord } from '../../../../models/pldr/train/log/event-file.ts';
import { tensorBoardLog } from '../../../../models/pldr/train/log/tensorboard-log.ts';
import { temporaryFolder } from '../../../weights/support.ts';

const folder = temporaryFolder();

/** The messages of an event file; every checksum must be right. */
function messagesIn(bytes: Buffer): readonly Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(bytes.readUInt32LE(at + 8)).toBe(maskedCrc32c(bytes.subarray(at, at + 8)));
    const message = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskedCrc32c(message));
    messages.push(message);
    at += length + 16;
  }
  return messages;
}

type Field = readonly [field: number, value: number | Buffer];

/** The fields of a protocol buffer, read as the wire format says: numbers, and bytes for what has a length. */
function fieldsOf(bytes: Buffer): readonly Field[] {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Buffer => bytes.subarray(at, (at += length));
  const read = (wireType: number): number | Buffer => {
    if (wireType === 0) return varint();
    if (wireType === 1) return take(8).readDoubleLE();
    return wireType === 5 ? take(4).readFloatLE() : take(varint());
  };
  const fields: Field[] = [];
  while (at < bytes.length) {
    const key = varint();
    fields.push([Math.floor(key / 8), read(key % 8)]);
  }
  return fields;
}

const field = (bytes: number | Buffer | undefined, which: number): number | Buffer | undefined =>
  Buffer.isBuffer(bytes) ? fieldsOf(bytes).find(([number]) => number === which)?.[1] : undefined;

/** Step, and tag → value, of a message with scalars. */
function scalarsIn(message: Buffer): readonly [step: unknown, values: readonly (readonly [string, unknown])[]] {
  const summary = field(message, 5);
  const values = Buffer.isBuffer(summary) ? fieldsOf(summary).map(([, value]) => value) : [];
  return [field(message, 2) ?? 0, values.map((value) => [String(field(value, 1)), field(value, 2)] as const)];
}

describe('CRC-32C', () => {
  it("has RFC 3720's values", () => {
    expect(crc32c(new Uint8Array(32)).toString(16)).toBe('8a9136aa');
    expect(crc32c(new Uint8Array(32).fill(0xff)).toString(16)).toBe('62a8ab43');
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)).toString(16)).toBe('46dd794e');
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i)).toString(16)).toBe('113fdb5c');
    expect(crc32c(Buffer.from('123456789')).toString(16)).toBe('e3069283');
  });
});

describe('event records', () => {
  it("are, byte for byte, what TensorBoard's own writer makes of the same events", () => {
    // TensorBoard 2.21.0, RecordWriter.write(event_pb2.Event(…).SerializeToString()).
    const fixture = join(import.meta.dirname, '../../../fixtures/train/events.hex');
    const made = readFileSync(fixture, 'utf8').replace(/\s/g, '');
    const first = { 'train/loss': 6.9375, 'Lernrate/ä': 1e-3 };
    const second = { ['x'.repeat(200)]: NaN, zero: 0 };
    const records = [
      eventRecord({ wallTime: 1700000000.25, content: { kind: 'version' } }),
      eventRecord({ wallTime: 1700000001.5, step: 101, content: { kind: 'restart' } }),
      eventRecord({ wallTime: 1700000002.5, step: 1, content: { kind: 'scalars', values: first } }),
      eventRecord({ wallTime: 1700000003.75, step: 5_000_000_000, content: { kind: 'scalars', values: second } }),
    ];
    expect(Buffer.concat(records).toString('hex')).toBe(made);
  });

  it('of texts, too', () => {
    // The same of Value(tag, SummaryMetadata.PluginData(plugin_name='text'), TensorProto(dtype='DT_STRING', …)).
    const content = { kind: 'text', tag: 'sample/0', text: '    hello\n    ä world' } as const;
    expect(Buffer.from(eventRecord({ wallTime: 1700000000, step: 3, content })).toString('hex')).toBe(
      '4500000000000000ebe668b00900000040fc54d94110032a380a360a0873616d706c652f304220080712041202080142162020202068656c' +
        '6c6f0a20202020c3a420776f726c644a080a060a04746578745b6748fa',
    );
  });

  it('read back as they were written', () => {
    // A tag that is an index is not in the order in which it was set, and one named __proto__ no key at all.
    const tags = fc.string({ minLength: 1 }).filter((tag) => !/^\d+$|^__proto__$/.test(tag));
    const values = fc.dictionary(tags, fc.float(), { maxKeys: 5, noNullPrototype: true });
    const steps = fc.oneof(fc.nat(200), fc.nat(Number.MAX_SAFE_INTEGER));
    fc.assert(
      fc.property(steps, fc.double({ min: 0, max: 2e9, noNaN: true }), values, (step, wallTime, scalars) => {
        const record = eventRecord({ wallTime, step, content: { kind: 'scalars', values: scalars } });
        const [message] = messagesIn(Buffer.from(record));
        expect(field(message, 1)).toBe(wallTime);
        expect(scalarsIn(message!)).toEqual([step, Object.entries(scalars)]);
      }),
    );
  });
});

describe('a log', () => {
  it('begins with its version, and says from where it goes on', () => {
    const dir = mkdtempSync(join(folder, 'events-'));
    const rows = (fromStep: number, time: number): void => {
      const log = tensorBoardLog(dir, fromStep, () => time);
      log.write({ step: fromStep + 1, loss: 2.5 });
      log.write({ step: fromStep + 2, loss: 2.25 });
      log.close();
    };
    rows(0, 1_700_000_000);
    rows(40, 1_700_000_100);
    const names = readdirSync(dir).sort();
    expect(names.map((name) => name.split('.').slice(0, 4).join('.'))).toEqual([
      'events.out.tfevents.1700000000',
      'events.out.tfevents.1700000100',
    ]);
    const [first, second] = names.map((name) => messagesIn(readFileSync(join(dir, name))));
    expect(String(field(first![0], 3))).toBe('brain.Event:2');
    expect(first!.slice(1).map(scalarsIn)).toEqual([[1, [['loss', 2.5]]], [2, [['loss', 2.25]]]]);
    expect([field(second![1], 2), field(field(second![1], 7), 1)]).toEqual([41, 1]);
    expect(second!.slice(2).map(scalarsIn)).toEqual([[41, [['loss', 2.5]]], [42, [['loss', 2.25]]]]);
  });
});
