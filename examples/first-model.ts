// A first model: an attention head that looks through an operator G made from its own queries, as in PLDR-LLM.
// Compiled, run on a GPU or else on the CPU, and compared with the interpreter, which defines what a program means:
//   npm run example examples/first-model.ts
import { compile, encodeAll, interpret } from 'ricci/compiler';
import { axis, dot, map, mul, random, rename, scalar, softmax, symbol } from 'ricci/dsl';
import { targetOf } from 'ricci/pldr';
import { BufferSet, chooseDevice, readValue } from 'ricci/runtime';

const length = symbol('length', 128); // any length up to 128: one program serves them all
const [Pos, Key] = [axis('pos', length), axis('key', length)];
const [Embed, Dk, Row, Col] = [axis('embed', 64), axis('dk', 16), axis('row', 16), axis('col', 16)];

const bend = scalar((x) => (x * x) / (1 + Math.exp(-x))); // plain TypeScript, read from this very line
const x = random(1, [Pos, Embed]); // a model that is loaded has input('x', [Pos, Embed]), parameter('wq', [Dk, Embed])
const q = dot(x, random(2, [Dk, Embed]), Embed); // Tensor<'pos' | 'dk'>
const k = rename(dot(x, random(3, [Dk, Embed]), Embed), Pos, Key); // Tensor<'key' | 'dk'>
const v = rename(dot(x, random(4, [Dk, Embed]), Embed), Pos, Key);
const density = mul(dot(rename(q, Dk, Row), rename(q, Dk, Col), Pos), 1e-5); // QᵀQ: Tensor<'row' | 'col'>
const scores = dot(dot(rename(q, Dk, Row), map(bend, density), Row), rename(k, Dk, Col), Col); // Tensor<'pos' | 'key'>
const out = dot(softmax(scores, Key), v, Key); // Tensor<'pos' | 'dk'>

const sizes = { length: 7 };
const [meaning] = interpret([out.node], { sizes }); // double precision, on the host
const device = await chooseDevice(); // a GPU where there is one, else the CPU
const compiled = compile([{ name: 'head', outputs: { out: out.node } }], targetOf(device));
const [program] = encodeAll(compiled).programs; // WGSL or WebAssembly, and where bytes lie

const buffers = new BufferSet(device);
const head = await device.open(program, buffers);
device.submit((commands) => commands.run(head, sizes));
const result = await readValue(device, buffers, program.outputs['out'], sizes);

const difference = Math.max(...Array.from(result, (n, i) => Math.abs(n / meaning.data[i] - 1)));
console.log(`kernels: ${program.kernels.map((kernel) => kernel.name).join(', ')}`);
console.log(`first row: ${Array.from(result.subarray(0, 4), (n) => n.toFixed(4)).join(' ')} …`);
console.log(`largest relative difference from the interpreter: ${difference.toExponential(1)}`);
head.destroy();
buffers.destroy();
device.close();
