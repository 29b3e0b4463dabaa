/** A process of its own, because a broken driver may crash it: writes Ricci's diagnosis as one line of JSON. */
import { loadModule } from '../load.mjs';

const { diagnose } = await loadModule('runtime/webgpu/diagnose');
const { adapter, dispatches, problem, fix } = await diagnose();
process.stdout.write(`${JSON.stringify({ adapter: adapter?.name, dispatches, problem, fix })}\n`);
