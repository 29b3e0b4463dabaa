import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { RicciError } from '../../dsl/errors.ts';

/** A folder for this test file, removed when its tests are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ricci-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The RicciError that `attempt` must end in. */
export async function errorOf(attempt: () => unknown): Promise<RicciError> {
  const outcome = await Promise.resolve()
    .then(attempt)
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(outcome).toBeInstanceOf(RicciError);
  if (!(outcome instanceof RicciError)) throw new Error('unreachable: the expectation above has failed');
  return outcome;
}

/** The bytes of a safetensors file with exactly this header, valid or not. */
export function fileBytes(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

/** The elements of a typed array as bytes, for comparisons that tell NaNs and zeros apart. */
export const bytesOf = (data: ArrayBufferView): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
