/** The program that filters and draws; needs the row's functions and the arithmetic. */
export const FILTER_WGSL = `
// What the filters have left of a row, and how far the search for the next bound has come. All lanes know it.
struct Selection {
  lowest: u32,     // tokens with a greater key are kept,
  ties: u32,       // and this many of those with just this key, the lowest ids first
  prefix: u32,     // the digits found so far of the key that is searched, the rest 0
  missing: vec2u,  // what the keys above the prefix leave to the goal
}

var<workgroup> selectionOfRow: Selection;

// What is summed over tokens until a goal is reached: their number (top-k), then their weight (top-p).
const TOKENS = 0u;
const MASS = 1u;

// Digits of 8 bits per key, the highest first; rounds 0 to 3 find top-k's key, 4 to 7 top-p's.
const DIGITS = 4u;

var<workgroup> binLow: array<atomic<u32>, LANES>;
var<workgroup> binHigh: array<atomic<u32>, LANES>;

fn addToBin(bin: u32, amount: u32) {
  let before = atomicAdd(&binLow[bin], amount);
  // Whoever makes the low word wrap around carries.
  if (before + amount < before) { atomicAdd(&binHigh[bin], 1u); }
}

fn massOfBin(bin: u32) -> vec2u {
  return vec2u(atomicLoad(&binLow[bin]), atomicLoad(&binHigh[bin]));
}

// Top-k and top-p by radix selection on the keys: exact, with no sort. One flat loop, because drivers inline every call
// and take much longer to compile nested loops around barriers.
fn filterRow(row: u32, lane: u32, heaviest: u32) -> Selection {
  var selection = Selection(0u, ALL_TIES, 0u, vec2u());
  for (var round = settings.firstRound; round < settings.endRound; round++) {
    let shift = 24u - 8u * (round % DIGITS);
    let counted = countedFrom(round, selection);
    atomicStore(&binLow[lane], 0u);
    atomicStore(&binHigh[lane], 0u);
    workgroupBarrier();
    for (var id = lane; id < settings.vocab; id += LANES) {
      let key = keyOf(row, id);
      // Only keys that agree with the digits found so far.
      if ((key >= counted) & (((key ^ selection.prefix) >> shift) < LANES)) {
        addToBin((key >> shift) % LANES, select(1u, weightOf(key, heaviest), round / DIGITS == MASS));
      }
    }
    workgroupBarrier();
    if (lane == 0u) { selectionOfRow = narrow(selection, round, shift, heaviest); }
    selection = workgroupUniformLoad(&selectionOfRow);
  }
  return selection;
}

// Hugging Face's top-p counts the mass that top-k has left, the authors' that of all tokens.
fn countedFrom(round: u32, selection: Selection) -> u32 {
  return select(0u, selection.lowest, (round / DIGITS == MASS) & (settings.huggingFace != 0u));
}

// One lane descends through the bins to the one where the sum reaches the goal: a scan by all lanes would take sixteen
// barriers instead.
fn narrow(selection: Selection, round: u32, shift: u32, heaviest: u32) -> Selection {
  var missing = selection.missing;
  if (round % DIGITS == 0u) { missing = goalOf(round / DIGITS); }
  var bin = settings.trips.lanes - 1u;
  var mass = massOfBin(bin);
  while (less(mass, missing) & (bin > 0u)) {
    missing = minus(missing, mass);
    bin--;
    mass = massOfBin(bin);
  }
  let found = Selection(selection.lowest, ALL_TIES, selection.prefix | (bin << shift), missing);
  if (shift > 0u) { return found; }
  return bounded(found, round / DIGITS, minus(mass, missing), heaviest);
}

fn goalOf(what: u32) -> vec2u {
  if (what == TOKENS) { return vec2u(settings.topK, 0u); }
  var total = vec2u();
  for (var bin = 0u; bin < settings.trips.lanes; bin++) { total = plus(total, massOfBin(bin)); }
  let nucleus = portionOf(total, settings.nucleus);
  // Hugging Face looks for the token that reaches p, the authors for the one that exceeds it.
  let beyond = (settings.huggingFace == 0u) | nucleus.hasFraction;
  return plus(nucleus.whole, vec2u(u32(beyond), 0u));
}

// The selection once a whole key is found. \`spare\` is by how much the tokens of that key exceed the goal.
fn bounded(found: Selection, what: u32, spare: vec2u, heaviest: u32) -> Selection {
  let key = found.prefix;
  if (what == TOKENS) { return Selection(key, ALL_TIES, 0u, vec2u()); }
  let weight = vec2u(weightOf(key, heaviest), 0u);
  if (settings.huggingFace == 0u) {
    // The authors keep all that ties with the last token within p, and the heaviest in any case.
    let fits = less(weight, found.missing) | (key == heaviest);
    return Selection(max(found.lowest, select(key + 1u, key, fits)), ALL_TIES, 0u, vec2u());
  }
  // Hugging Face keeps only as many ties as it takes to reach p.
  let ties = select(tiesNeeded(weight.x, found.missing), ALL_TIES, less(spare, weight));
  return Selection(key, ties, 0u, vec2u());
}

const ALL_TIES = 0xffffffffu;

// ceil(missing / weight), bit by bit: one more than the greatest number that does not suffice.
fn tiesNeeded(weight: u32, missing: vec2u) -> u32 {
  var insufficient = 0u;
  for (var bit = settings.trips.mostTokens; bit > 0u; bit >>= 1u) {
    insufficient |= select(0u, bit, less(times(insufficient | bit, weight), missing));
  }
  return insufficient + 1u;
}

// What may be drawn of a run of ids. Ties are counted, since which of them are kept depends on the runs before.
struct Run { mass: vec2u, ties: u32 }

var<workgroup> runs: array<Run, LANES>;

// Min-p comes last and takes mass from the draw alone.
fn drawnWeight(key: u32, heaviest: u32) -> u32 {
  let weight = weightOf(key, heaviest);
  return select(0u, weight, weight >= settings.leastWeight);
}

// The first id up to which more than a random part of the mass lies.
fn draw(row: u32, lane: u32, heaviest: u32, selection: Selection) -> u32 {
  // Each lane adds up a run of neighbouring ids, so that sums over lanes are sums in the order of ids.
  let length = (settings.vocab + LANES - 1u) / LANES;
  var run = Run();
  for (var id = lane * length; id < min((lane + 1u) * length, settings.vocab); id++) {
    let key = keyOf(row, id);
    let weight = select(0u, drawnWeight(key, heaviest), key > selection.lowest);
    run = Run(plus(run.mass, vec2u(weight, 0u)), run.ties + u32(key == selection.lowest));
  }
  runs[lane] = run;
  workgroupBarrier();
  if (lane != 0u) { return 0u; }
  return drawFromRuns(row, length, heaviest, selection);
}

fn drawFromRuns(row: u32, length: u32, heaviest: u32, selection: Selection) -> u32 {
  let tieWeight = drawnWeight(selection.lowest, heaviest);
  let random = philox(settings.seed, vec2u(step, settings.streams[row / 4u][row % 4u]));
  let goal = portionOf(massOfRuns(tieWeight, selection.ties), random).whole;
  var sum = vec2u();
  var tiesLeft = selection.ties;
  var run = 0u;
  while (run < settings.trips.lanes) {
    let ties = min(runs[run].ties, tiesLeft);
    let upTo = plus(sum, plus(runs[run].mass, times(ties, tieWeight)));
    if (less(goal, upTo)) { break; }
    sum = upTo;
    tiesLeft -= ties;
    run++;
  }
  var id = run * length;
  while (id < settings.vocab) {
    let key = keyOf(row, id);
    let isTie = (key == selection.lowest) & (tiesLeft > 0u);
    sum = plus(sum, vec2u(select(0u, drawnWeight(key, heaviest), isTie | (key > selection.lowest)), 0u));
    if (less(goal, sum)) { break; }
    tiesLeft -= u32(isTie);
    id++;
  }
  return id;
}

fn massOfRuns(tieWeight: u32, mostTies: u32) -> vec2u {
  var all = Run();
  for (var run = 0u; run < settings.trips.lanes; run++) {
    all = Run(plus(all.mass, runs[run].mass), all.ties + runs[run].ties);
  }
  return plus(all.mass, times(min(all.ties, mostTies), tieWeight));
}

@compute @workgroup_size(LANES)
fn sample(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = workgroup.x;
  let heaviest = findHeaviest(row, lane);
  let selection = filterRow(row, lane, heaviest.key);
  let id = draw(row, lane, heaviest.key, selection);
  if (lane == 0u) { advance(row, id, heaviest.flags); }
}
`;
