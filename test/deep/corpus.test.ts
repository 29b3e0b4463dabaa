import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { onEveryDevice } from '../support/every-device.ts';
import { brokenLaw } from './caching-laws.ts';
import { difference } from './check.ts';
import { parseReplayFile, type GraphReplay, type ModelReplay } from './replay-file.ts';

const CORPUS = new URL('../corpus/', import.meta.url);

/** Cases that were hard once, each by its file: what test:deep finds comes here when it is repaired. */
const files = readdirSync(CORPUS).filter((name) => name.endsWith('.json')).toSorted();
const replays = files.map((name) => ({ name, ...parseReplayFile(readFileSync(new URL(name, CORPUS), 'utf8')) }));

const graphs = replays.flatMap(({ name, replay }): readonly (readonly [string, GraphReplay])[] =>
  (replay.kind === 'graph' ? [[name, replay]] : []));
const models = replays.flatMap(({ name, replay }): readonly (readonly [string, ModelReplay])[] =>
  (replay.kind === 'model' ? [[name, replay]] : []));

onEveryDevice((device) => {
  test.each(graphs)('%s is what the interpreter computes', async (name, replay) => {
    expect(await difference(device(), replay), name).toBeUndefined();
  });
});

describe('in the interpreter', () => {
  test.each(models)('%s keeps the laws of caching', (name, replay) => {
    expect(brokenLaw(replay), name).toBeUndefined();
  });
});
