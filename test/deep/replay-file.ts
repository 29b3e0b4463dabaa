import type { WeightStorage } from '../../dsl/node.ts';
import { parseConfig, type PldrConfig } from '../../models/pldr/config.ts';
import { configJson } from '../../models/pldr/config-json.ts';
import type { CacheMode } from '../../models/pldr/index.ts';
import type { Device } from '../../runtime/device.ts';
import type { GivenGraph } from '../../verify/arbitraries/graphs/given.ts';
import type { WeightKind } from '../../verify/arbitraries/weights/index.ts';
import { asList, asInteger, Fields, wrong, type Words } from './fields.ts';
import { readGraph, writeGraph } from './graph-json.ts';
import { WEIGHTS } from './node-json.ts';
import { DEVICE_KINDS, readSchedule, type DeviceSchedule } from './schedule.ts';

/** A graph that a device is to compute as the interpreter does. */
export interface GraphReplay extends GivenGraph {
  readonly kind: 'graph';
  /** Where it was found; it can be run anywhere. */
  readonly device: Device['kind'];
  /** How weights are kept, by name; as their parameters say where they are not named. */
  readonly storages: Readonly<Record<string, WeightStorage>>;
  /** The device's own where this is left out, or another kind's. */
  readonly schedule: DeviceSchedule | undefined;
  /** Outputs that the program leaves in states, by label: what is appended to one must be. */
  readonly states: Readonly<Record<string, number>>;
}

/** A model whose ways of caching are to compute one function. */
export interface ModelReplay {
  readonly kind: 'model';
  readonly config: PldrConfig;
  /** How its weights are drawn. */
  readonly weights: WeightKind;
  /** Of its weights, and of the operator where that is given. */
  readonly seed: number;
  /** Ids of the rows of a batch, each taken modulo the vocabulary, as all ids here. */
  readonly rows: readonly (readonly number[])[];
  /** Ids that come after them. */
  readonly more: readonly number[];
  /** How many of them are read at once each time that a text goes on: their sum is the length of `more`. */
  readonly chunks: readonly number[];
  readonly mode: CacheMode;
}

/** One case that was searched, and can be run again. */
export type Replay = GraphReplay | ModelReplay;

/** What a replay file holds: the case, and why it is kept. */
export interface ReplayFile {
  readonly about: string;
  readonly replay: Replay;
}

const MODES: Words<CacheMode> = { none: true, kv: true, g: true, 'kv+g': true };
const WEIGHT_WORDS: Words<WeightKind> = { initial: true, perturbed: true, collapsed: true, floor: true, extreme: true };
const KINDS: Words<Replay['kind']> = { graph: true, model: true };

/** A file's text: JSON, with a line for each value of the graph and for each tensor. */
export function showReplayFile({ about, replay }: ReplayFile): string {
  const fields = replay.kind === 'graph' ? writeGraphReplay(replay) : writeModelReplay(replay);
  return showLines({ kind: replay.kind, about, ...fields });
}

const writeGraphReplay = (r: GraphReplay) => ({
  device: r.device, storages: r.storages, ...(r.schedule === undefined ? {} : { schedule: r.schedule }),
  states: r.states, ...writeGraph(r),
});

const writeModelReplay = ({ config, weights, seed, rows, more, chunks, mode }: ModelReplay) =>
  ({ config: configJson(config, 'float32'), weights, seed, rows, more, chunks, mode });

/** Objects and lists of the first level have a line for each entry where their entries are objects or lists. */
function showLines(json: object): string {
  const lines = Object.entries(json).map(([name, value]) => `  ${JSON.stringify(name)}: ${showEntries(value)}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}

function showEntries(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value);
  if (!entries.some(([, v]) => typeof v === 'object')) return JSON.stringify(value);
  const isList = Array.isArray(value);
  const lines = entries.map(([name, v]) => `    ${isList ? '' : `${JSON.stringify(name)}: `}${JSON.stringify(v)}`);
  return `${isList ? '[' : '{'}\n${lines.join(',\n')}\n  ${isList ? ']' : '}'}`;
}

/**
 * Reads what `showReplayFile` wrote.
 * @throws `replay/field`, `config/invalid`, what the constructors of nodes throw, and SyntaxError where it is not JSON
 */
export function parseReplayFile(text: string): ReplayFile {
  const json = new Fields(JSON.parse(text), 'replay');
  const kind = json.word('kind', KINDS);
  return { about: json.text('about'), replay: kind === 'graph' ? readGraphReplay(json) : readModelReplay(json) };
}

function readGraphReplay(json: Fields): GraphReplay {
  const [storages, states] = [json.object('storages'), json.object('states')];
  return {
    kind: 'graph', device: json.word('device', DEVICE_KINDS), ...readGraph(json),
    storages: Object.fromEntries(storages.names.map((name) => [name, storages.word(name, WEIGHTS)])),
    schedule: json.has('schedule') ? readSchedule(json.object('schedule')) : undefined,
    states: Object.fromEntries(states.names.map((label) => [label, states.integer(label)])),
  };
}

/** Weights are perturbed, and tokens read one by one, where nothing else is said. */
function readModelReplay(json: Fields): ModelReplay {
  const more = json.integers('more');
  const chunks = json.has('chunks') ? json.integers('chunks') : more.map(() => 1);
  if (chunks.some((n) => n < 1) || chunks.reduce((n, c) => n + c, 0) !== more.length) {
    throw wrong('replay.chunks', `parts of the ${more.length} ids of replay.more`, chunks);
  }
  return {
    kind: 'model', config: parseConfig(json.raw('config'), 'replay.config'), seed: json.integer('seed'),
    weights: json.has('weights') ? json.word('weights', WEIGHT_WORDS) : 'perturbed',
    rows: json.list('rows').map((row) => asList(row, 'replay.rows').map((id) => asInteger(id, 'replay.rows'))),
    more, chunks, mode: json.word('mode', MODES),
  };
}
