/** Invocations of the probe: more than one workgroup, so that the dispatch grid is tried too. */
const COUNT = 256;

/** Each invocation writes a value that depends on what was uploaded and on where it runs. */
const PROBE_WGSL = `
@group(0) @binding(0) var<storage, read> given: array<u32>;
@group(0) @binding(1) var<storage, read_write> made: array<u32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  made[id.x] = given[id.x] * 3u + id.x;
}`;

/**
 * Whether the device really computes: uploads numbers, runs one small kernel and reads the result back. This is the
 * verdict; features and limits alone only explain a failure. Never throws: a device that fails is `false`.
 */
export async function probeDispatch(device: GPUDevice): Promise<boolean> {
  try {
    const given = Uint32Array.from({ length: COUNT }, (_, i) => (i * 7919) % 1000);
    const made = await runProbe(device, given);
    return made.length === COUNT && made.every((value, i) => value === (given[i] ?? 0) * 3 + i);
  } catch {
    return false;
  }
}

async function runProbe(device: GPUDevice, given: Uint32Array<ArrayBuffer>): Promise<Uint32Array> {
  const size = given.byteLength;
  const input = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST });
  const output = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
  const readable = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  try {
    device.queue.writeBuffer(input, 0, given);
    device.queue.submit([encodeProbe(device, input, output, readable)]);
    await readable.mapAsync(GPUMapMode.READ);
    return new Uint32Array(readable.getMappedRange().slice(0));
  } finally {
    for (const buffer of [input, output, readable]) buffer.destroy();
  }
}

function encodeProbe(device: GPUDevice, input: GPUBuffer, output: GPUBuffer, readable: GPUBuffer): GPUCommandBuffer {
  const module = device.createShaderModule({ code: PROBE_WGSL });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
  const bindGroup = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [input, output].map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(COUNT / 64);
  pass.end();
  encoder.copyBufferToBuffer(output, 0, readable, 0, input.size);
  return encoder.finish();
}
