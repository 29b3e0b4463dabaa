import { LANES, MAX_STOP_IDS } from '../../sampling/limits.ts';

export interface RowShader {
  /** B, the number of rows: one workgroup each. */
  readonly batch: number;
  /** Whether the device has the feature `subgroups`. */
  readonly subgroups: boolean;
}

/** What both programs share: the bindings, a row's logits as ordered keys, the likeliest token, the state's advance. */
export const rowWgsl = ({ batch, subgroups }: RowShader): string =>
  (subgroups ? 'enable subgroups;\n' : '') + bindingsWgsl(batch) + KEYS_WGSL + heaviestWgsl(subgroups) + ADVANCE_WGSL;

const bindingsWgsl = (batch: number): string => `
const BATCH = ${batch}u;
const LANES = ${LANES}u;

// Trip counts that are in fact constant: drivers unroll loops whose count they know, and then compile for seconds.
struct Trips {
  lanes: u32,         // LANES
  mostTokens: u32,    // a power of two that no row exceeds
  philoxRounds: u32,
  spare: u32,
}

// settings.ts writes these fields in this order.
struct Settings {
  seed: u32,
  topK: u32,
  nucleus: u32,       // top-p in units of 2^-32
  leastWeight: u32,   // min-p as a weight
  huggingFace: u32,   // 1: Hugging Face's order, 0: the authors'
  penalised: u32,     // 1: the repetition penalty is on
  vocab: u32,
  padId: i32,
  halvings: f32,      // halvings of the weight per half of a difference of logits
  cutoff: f32,        // half a difference from which on a weight is 0
  penalty: f32,
  penaltyReciprocal: f32,
  firstRound: u32,    // which rounds of the search for bounds to run (wgsl-filter.ts)
  endRound: u32,
  pitch: u32,         // from one row of logits to the next
  spare: u32,
  trips: Trips,
  stopIds: array<vec4i, ${MAX_STOP_IDS / 4}>,           // unused ones are -1
  streams: array<vec4u, ${Math.ceil(batch / 4)}>,       // per row
}

@group(0) @binding(0) var<uniform> settings: Settings;
@group(0) @binding(1) var<uniform> step: u32;
@group(0) @binding(2) var<storage, read_write> ids: array<i32>;        // [row]
@group(0) @binding(3) var<storage, read_write> position: array<i32>;   // [row]
@group(0) @binding(4) var<storage, read_write> slot: array<i32>;       // [row]
@group(0) @binding(5) var<storage, read_write> finished: array<i32>;   // [row]
@group(0) @binding(6) var<storage, read_write> seen: array<u32>;       // [row, vocab / 32], one bit per token
@group(0) @binding(7) var<storage, read_write> chosen: array<vec2i>;   // [step, row]: token and flags
@group(1) @binding(0) var<storage, read> logits: array<u32>;           // [row, vocab], the bits of f32
`;

const KEYS_WGSL = `
const MINUS_INFINITY = 0x007fffffu;
const PLUS_INFINITY = 0xff800000u;

fn logitBits(row: u32, id: u32) -> u32 {
  return logits[row * settings.pitch + id];
}

// Here and below select, & and | stand where branches and && would: every branch adds to the time that drivers compile.

// On bits, because a compiler may assume that floats are never NaN or infinite.
fn isFinite(bits: u32) -> bool {
  return (bits & 0x7fffffffu) < 0x7f800000u;
}

fn seenWord(row: u32, id: u32) -> u32 {
  return row * ((settings.vocab + 31u) / 32u) + id / 32u;
}

fn wasSeen(row: u32, id: u32) -> bool {
  return (seen[seenWord(row, id)] & (1u << (id % 32u))) != 0u;
}

fn penalise(row: u32, id: u32, bits: u32) -> u32 {
  let logit = bitcast<f32>(bits);
  let scaled = bitcast<u32>(logit * select(settings.penalty, settings.penaltyReciprocal, logit > 0.0));
  return select(bits, scaled, (settings.penalised != 0u) & isFinite(bits) & wasSeen(row, id));
}

// An unsigned integer that orders as the penalised logit does; 0 is below every key. NaN orders as -Infinity.
fn orderedKey(row: u32, id: u32, bits: u32) -> u32 {
  let penalised = penalise(row, id, bits);
  let key = select(penalised | 0x80000000u, ~penalised, penalised > 0x80000000u); // -0 ties with +0
  return select(key, MINUS_INFINITY, (bits & 0x7fffffffu) > 0x7f800000u);
}

fn keyOf(row: u32, id: u32) -> u32 {
  return orderedKey(row, id, logitBits(row, id));
}

fn logitOf(key: u32) -> f32 {
  return bitcast<f32>(select(~key, key & 0x7fffffffu, key >= 0x80000000u));
}
`;

const heaviestWgsl = (subgroups: boolean): string => `
struct Heaviest {
  key: u32,
  id: u32,      // of several, the lowest
  flags: u32,   // bit 0: NaN or an infinity among the logits
}

var<workgroup> heaviestKey: atomic<u32>;
var<workgroup> heaviestReversedId: atomic<u32>;
var<workgroup> rowFlags: atomic<u32>;
var<workgroup> heaviestOfRow: Heaviest;

fn raiseHeaviestKey(laneKey: u32) {
${subgroups ? RAISE_BY_SUBGROUP : '  atomicMax(&heaviestKey, laneKey);'}
}

fn findHeaviest(row: u32, lane: u32) -> Heaviest {
  var laneKey = 0u;
  var laneId = settings.vocab;
  var laneFlags = 0u;
  for (var id = lane; id < settings.vocab; id += LANES) {
    let bits = logitBits(row, id);
    let key = orderedKey(row, id, bits);
    if (key > laneKey) { laneKey = key; laneId = id; }
    if (!isFinite(bits)) { laneFlags = 1u; }
  }
  raiseHeaviestKey(laneKey);
  if (laneFlags != 0u) { atomicOr(&rowFlags, laneFlags); }
  workgroupBarrier();
  // Workgroup memory starts at 0, so the lowest id is found as the highest distance from the end.
  if (laneKey == atomicLoad(&heaviestKey)) { atomicMax(&heaviestReversedId, settings.vocab - laneId); }
  workgroupBarrier();
  if (lane == 0u) {
    let id = settings.vocab - atomicLoad(&heaviestReversedId);
    heaviestOfRow = Heaviest(atomicLoad(&heaviestKey), id, atomicLoad(&rowFlags));
  }
  return workgroupUniformLoad(&heaviestOfRow);
}
`;

const RAISE_BY_SUBGROUP = `  let subgroupKey = subgroupMax(laneKey);
  if (subgroupElect()) { atomicMax(&heaviestKey, subgroupKey); }`;

const ADVANCE_WGSL = `
fn isStop(id: i32) -> bool {
  for (var group = 0u; group < ${MAX_STOP_IDS / 4}u; group++) {
    if (any(settings.stopIds[group] == vec4i(id))) { return true; }
  }
  return false;
}

// One lane per row: writes the token of this step and where it must be placed.
fn advance(row: u32, drawn: u32, flags: u32) {
  var id = i32(drawn);
  var rowFlags = flags;
  if (finished[row] != 0) {
    // Nothing depends on a finished row's logits any more.
    id = settings.padId;
    rowFlags = 0u;
  } else {
    if (settings.penalised != 0u) { seen[seenWord(row, drawn)] |= 1u << (drawn % 32u); }
    if (isStop(id)) { finished[row] = 1; }
  }
  ids[row] = id;
  // The host has set where the token of step 0 goes.
  if (step > 0u) {
    position[row] += 1;
    slot[row] += 1;
  }
  chosen[step * BATCH + row] = vec2i(id, i32(rowFlags));
}
`;
