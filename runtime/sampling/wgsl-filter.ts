/** The program that filters and draws; needs the row's functions and the arithmetic. */
export const FILTER_WGSL = `
// What is left of a row: keys above the lowest, and those equal to it whose id is below tieEnd.
struct Cut { lowest: u32, tieEnd: u32 }

// What is summed over the tokens of a cut.
const TOKENS = 0u;   // their number
const MASS = 1u;     // their weight
const TIES = 2u;     // the number of those at the lowest key

struct Search {
  row: u32,
  heaviest: u32,     // key
  what: u32,
  amount: u32,       // how many tokens; for MASS the part of the whole in units of 2^-32
  cut: Cut,
  leastWeight: u32,  // a lighter token has no mass
}

fn within(cut: Cut, id: u32, key: u32) -> bool {
  return (key > cut.lowest) | ((key == cut.lowest) & (id < cut.tieEnd));
}

fn measure(search: Search, id: u32, key: u32) -> u32 {
  let weight = weightOf(key, search.heaviest);
  let mass = select(0u, weight, weight >= search.leastWeight);
  let number = u32((search.what == TOKENS) | (key == search.cut.lowest));
  return select(0u, select(number, mass, search.what == MASS), within(search.cut, id, key));
}

struct Goal { whole: vec2u, hasFraction: bool }

fn goalOf(search: Search, total: vec2u) -> Goal {
  if (search.what != MASS) { return Goal(vec2u(search.amount, 0u), false); }
  let low = times(total.x, search.amount);
  let high = times(total.y, search.amount);
  return Goal(plus(high, vec2u(low.y, 0u)), low.x != 0u);
}

// The key at which the sum over descending keys reaches the goal.
struct Crossing {
  key: u32,
  missing: vec2u,  // what the keys above it leave to the goal
  spare: vec2u,    // by how much the tokens of this key exceed it
}

var<workgroup> binLow: array<atomic<u32>, LANES>;
var<workgroup> binHigh: array<atomic<u32>, LANES>;
var<workgroup> crossingOfRow: Crossing;

// Radix selection, 8 bits of the key at a time: exact, with no sort.
fn crossingKey(search: Search, lane: u32) -> Crossing {
  var crossing = Crossing();
  for (var bits = settings.trips.keyBits; bits > 0u; bits -= 8u) {
    let shift = bits - 8u;
    atomicStore(&binLow[lane], 0u);
    atomicStore(&binHigh[lane], 0u);
    workgroupBarrier();
    for (var id = lane; id < settings.vocab; id += LANES) {
      let key = keyOf(search.row, id);
      // Only keys that agree with the digits found so far.
      if (((key ^ crossing.key) >> shift) < LANES) { addToBin((key >> shift) % LANES, measure(search, id, key)); }
    }
    workgroupBarrier();
    if (lane == 0u) { crossingOfRow = descendBins(search, crossing, shift); }
    crossing = workgroupUniformLoad(&crossingOfRow);
  }
  return crossing;
}

// One lane adds up the bins: a parallel scan would save a microsecond and cost sixteen barriers.
fn descendBins(search: Search, outer: Crossing, shift: u32) -> Crossing {
  var missing = outer.missing;
  if (shift == settings.trips.keyBits - 8u) { missing = nucleusGoal(search, massOfBin(3u)); }
  var bin = settings.trips.lanes - 1u;
  var mass = massOfBin(bin);
  while (less(mass, missing) && bin > 0u) {
    missing = minus(missing, mass);
    bin--;
    mass = massOfBin(bin);
  }
  return Crossing(outer.key | (bin << shift), missing, minus(mass, missing));
}

fn massOfBin(bin: u32) -> vec2u {
  return vec2u(atomicLoad(&binLow[bin]), atomicLoad(&binHigh[bin]));
}

fn totalOfBins() -> vec2u {
  var total = vec2u();
  for (var bin = 0u; bin < settings.trips.lanes; bin++) { total = plus(total, massOfBin(bin)); }
  return total;
}

fn addToBin(bin: u32, amount: u32) {
  if (amount == 0u) { return; }
  let before = atomicAdd(&binLow[bin], amount);
  // Whoever makes the low word wrap around carries.
  if (before + amount < before) { atomicAdd(&binHigh[bin], 1u); }
}

// Hugging Face looks for the token that reaches p, the authors for the one that exceeds it.
fn nucleusGoal(search: Search, total: vec2u) -> vec2u {
  let goal = goalOf(search, total);
  let beyond = goal.hasFraction || (search.what == MASS && settings.huggingFace == 0u);
  return plus(goal.whole, vec2u(u32(beyond), 0u));
}

var<workgroup> runs: array<vec2u, LANES>;
var<workgroup> idOfRow: u32;

// The first id up to which more than the goal lies; the vocabulary's size when there is none.
fn crossingId(search: Search, lane: u32) -> u32 {
  // Each lane adds up a run of neighbouring ids, so that sums over lanes are sums in the order of ids.
  let length = (settings.vocab + LANES - 1u) / LANES;
  var sum = vec2u();
  for (var id = lane * length; id < min((lane + 1u) * length, settings.vocab); id++) {
    sum = plus(sum, vec2u(measure(search, id, keyOf(search.row, id)), 0u));
  }
  runs[lane] = sum;
  workgroupBarrier();
  if (lane == 0u) { idOfRow = walkIds(search, length); }
  return workgroupUniformLoad(&idOfRow);
}

fn walkIds(search: Search, length: u32) -> u32 {
  var total = vec2u();
  for (var run = 0u; run < settings.trips.lanes; run++) { total = plus(total, runs[run]); }
  let goal = goalOf(search, total).whole;
  var sum = vec2u();
  var run = 0u;
  while (run < settings.trips.lanes && !less(goal, plus(sum, runs[run]))) {
    sum = plus(sum, runs[run]);
    run++;
  }
  var id = min(run * length, settings.vocab);
  while (id < settings.vocab) {
    sum = plus(sum, vec2u(measure(search, id, keyOf(search.row, id)), 0u));
    if (less(goal, sum)) { break; }
    id++;
  }
  return id;
}

// ceil(missing / weight), bit by bit: one more than the greatest number that does not suffice.
fn tiesNeeded(weight: u32, missing: vec2u) -> u32 {
  var insufficient = 0u;
  for (var bit = settings.trips.mostTokens; bit > 0u; bit >>= 1u) {
    if (less(times(insufficient | bit, weight), missing)) { insufficient |= bit; }
  }
  return insufficient + 1u;
}

// What both orders find: the cut of top-k and top-p, and the token drawn within it.
struct Choice { cut: Cut, id: u32 }

// Both searches stand in a loop so that each is compiled once: drivers inline every call.
fn choose(row: u32, lane: u32, heaviest: u32) -> Choice {
  var cut = Cut(0u, settings.vocab);
  var ties = 0u; // how many of the lowest key to keep; 0: all
  for (var what = TOKENS; what <= MASS; what++) {
    let amount = select(settings.nucleus, settings.topK, what == TOKENS);
    if (amount == 0u) { continue; }
    // Hugging Face's top-p counts the mass that top-k has left, the authors' that of all tokens.
    var counted = cut;
    if (settings.huggingFace == 0u) { counted.lowest = 0u; }
    let crossing = crossingKey(Search(row, heaviest, what, amount, counted, 0u), lane);
    if (what == TOKENS) {
      cut.lowest = crossing.key;
    } else {
      let weight = weightOf(crossing.key, heaviest);
      cut.lowest = max(cut.lowest, nucleusLowest(crossing, weight, heaviest));
      ties = nucleusTies(crossing, weight);
    }
  }
  var id = 0u;
  for (var what = TIES; what >= MASS; what--) {
    if (what == TIES && ties == 0u) { continue; }
    // Min-p comes last, and only takes mass from the draw.
    let amount = select(randomBits(row), ties, what == TIES);
    id = crossingId(Search(row, heaviest, what, amount, cut, settings.leastWeight), lane);
    if (what == TIES) { cut.tieEnd = id; }
  }
  return Choice(cut, id);
}

fn randomBits(row: u32) -> u32 {
  return philox(settings.seed, vec2u(step, settings.streams[row / 4u][row % 4u]));
}

// The authors keep what ties with the last token that does not exceed p, and the heaviest in any case.
fn nucleusLowest(crossing: Crossing, weight: u32, heaviest: u32) -> u32 {
  let firstFits = less(vec2u(weight, 0u), crossing.missing);
  return select(crossing.key + 1u, crossing.key, settings.huggingFace != 0u || firstFits || crossing.key == heaviest);
}

// Hugging Face keeps only as many ties as it takes to reach p.
fn nucleusTies(crossing: Crossing, weight: u32) -> u32 {
  if (settings.huggingFace == 0u || less(crossing.spare, vec2u(weight, 0u))) { return 0u; }
  return tiesNeeded(weight, crossing.missing);
}

@compute @workgroup_size(LANES)
fn sample(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = workgroup.x;
  let heaviest = findHeaviest(row, lane);
  let choice = choose(row, lane, heaviest.key);
  if (lane == 0u) { advance(row, choice.id, heaviest.flags); }
}
`;
