export {
  BASE_TARGET, compile, CPU_TARGET, draft, FUSED_CPU_TARGET, type Compiled, type Drafted, type ProgramSource, type Target,
} from './compile.ts';
export { encode, encodeAll } from './encode.ts';
export { CPU_PROFILE, DEFAULT_PROFILE, HARDWARE_PROFILE, type Profile, type Schedule, type Schedules, type VectorHabits } from './loop/schedule.ts';
export { interpret, type Environment } from './interpret/interpret.ts';
export type { Dense, Sizes } from './interpret/dense.ts';
export { simplify } from './passes/simplify.ts';
export { splitWeights, weightRows } from './passes/split.ts';
export { stage, type Staged, type StageOptions } from './passes/stage.ts';
export { verify } from './passes/verify.ts';
export type { Kernel, KernelCost, Program, Region, Value, WeightLayout } from './program.ts';
