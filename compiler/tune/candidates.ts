import { compileKind } from '../compile-kind.ts';
import type { Target } from '../target.ts';
import type { Kind } from '../fuse/kind.ts';
import {
  NO_SLABS, profileBy, type Profile, type Schedule, type SlabHabits, type VectorHabits,
} from '../loop/schedule.ts';
import { SHARED_BYTES, sharedBytes } from '../loop/shared-memory.ts';
import { lowerKind } from '../lower/lower.ts';
import { codeOnly } from '../program.ts';

/** A kernel has no more of them: each is checked, compiled into a whole program and timed. */
const MOST = 12;
/** More than any range or dimension has. */
const NEVER = 2 ** 30;

/**
 * The schedules that a kernel may have besides the device's own, each of which makes other code than the device's and
 * than those before it. The likelier ones come first.
 */
export function candidates(kind: Kind, target: Target): readonly Partial<Schedule>[] {
  const { profile } = target;
  const proposals = profile.cells === 'vectors' ? vectorProposals(profile.vectors) : laneProposals(profile);
  const [loops, codes] = [new Set([loopsOf(kind, profile)]), new Set([codeOf(kind, target)])];
  const found: Partial<Schedule>[] = [];
  for (const own of proposals) {
    if (found.length === MOST) break;
    const profiled = profileBy(profile, own);
    const text = loopsOf(kind, profiled);
    if (text === undefined || loops.has(text)) continue;
    loops.add(text);
    // Other loops may still become the same code, where a device does not look at all that they say.
    const code = codeOf(kind, { ...target, profile: profiled });
    if (codes.has(code)) continue;
    codes.add(code);
    found.push(own);
  }
  return found;
}

const codeOf = (kind: Kind, target: Target): string =>
  compileKind(kind, { ...target, schedules: {} }).programs[0].modules.map(codeOnly).join();

/** Everything that tells the loops of one kind apart; undefined where a kernel could not run everywhere. */
function loopsOf(kind: Kind, profile: Profile): string | undefined {
  const nests = lowerKind(kind, profile);
  if (profile.cells === 'lanes' && nests.some((n) => sharedBytes([n]) > SHARED_BYTES)) return undefined;
  const threads = nests.some((n) => n.lanes === 1) ? profile.threads : 0;
  return `${threads} ${JSON.stringify(nests, (_, value: unknown) => (hasKey(value) ? value.key : value))}`;
}

/** Expressions have keys that hold all that they are. */
const hasKey = (value: unknown): value is { readonly key: string } =>
  typeof value === 'object' && value !== null && 'key' in value && typeof value.key === 'string';

function vectorProposals(habits: VectorHabits): readonly Partial<Schedule>[] {
  const vectors = (own: Partial<VectorHabits>): Partial<Schedule> => ({ vectors: { ...habits, ...own } });
  return [
    vectors({ totals: 12 }), vectors({ totals: 4 }), vectors({ totals: 16 }), vectors({ rows: 2 }),
    vectors({ totals: 16, rows: 8 }), vectors({ totals: 8, rows: 8 }),
    vectors({ panelFrom: NEVER }), vectors({ panelFrom: 1 }),
    vectors({ inTurn: 0 }), vectors({ inTurn: NEVER }), vectors({ chains: 2 }), vectors({ chains: 8 }),
    vectors({ streams: 4 }), vectors({ streams: 16 }), vectors({ streams: 4, inTurn: 0 }), vectors({ streams: 2 }),
    { onlineChunk: 32 }, { onlineChunk: 128 }, { onlineChunk: 256 },
    vectors({ chunk: 64 }), vectors({ chunk: 256 }), vectors({ chunk: 32 }), vectors({ chunk: 512 }),
    vectors({ chains: 1 }),
  ];
}

/** Blocks for products that are large enough for some, whatever the device thinks of their size. */
const slabProposals = (habits: SlabHabits): readonly Partial<Schedule>[] => [
  { rows: 64, columns: 64, ownRows: 4 }, { rows: 128, columns: 64, ownRows: 8 }, { rows: 32, columns: 64, ownRows: 4 },
].map((own) => ({ slabs: { ...habits, ...own, depth: 16, ownColumns: 4, from: 1 } }));

function laneProposals({ subgroup, lanes, slabs }: Profile): readonly Partial<Schedule>[] {
  // Where products are computed by slabs, tiles and blocks of threads are there without these only.
  const tiled: Partial<Schedule> = slabs.depth === 0 ? {} : { slabs: NO_SLABS };
  const alone: Partial<Schedule> = subgroup === undefined ? tiled : { ...tiled, subgroups: false };
  const tiles = (all: readonly (readonly [number, number])[]): readonly Partial<Schedule>[] =>
    all.map(([tileRows, tileColumns]) => ({ ...tiled, tileRows, tileColumns }));
  return [
    ...tiles([[4, 4], [8, 2], [8, 4], [4, 8]]), ...slabProposals(slabs),
    ...[8, 4, 2, 1, 16].map((onlineParts): Partial<Schedule> => ({ onlineParts })),
    ...tiles([[8, 8], [16, 4], [16, 2], [4, 2], [8, 1]]),
    { ...alone, sharedFrom: NEVER }, { ...alone, tile: 2 }, { ...alone, tile: 8 }, alone,
    { sharedTotals: 4 }, { sharedTotals: 2 }, { sharedTotals: 8 }, { sharedTotals: 1 }, { sharedFrom: 16 },
    ...[64, 4, 256, 1024].map((busyCells): Partial<Schedule> => ({ busyCells })),
    ...[2 * lanes, lanes / 2, 4 * lanes].map((n): Partial<Schedule> => ({ ...alone, lanes: n })),
    { ...alone, onlineChunk: 32 }, { ...alone, onlineChunk: 128 }, { ...alone, onlineChunk: 256 },
    { threads: 32 }, { threads: 128 }, { threads: 256 },
  ];
}
