/**
 * Reads what a shared library links to, so that private libraries can be loaded in dependency order. Only what 64-bit
 * little-endian Linux needs (x86-64, arm64); layout after the System V ABI, "Program Header" and "Dynamic Section".
 */
import { readFileSync } from 'node:fs';

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const DT_NEEDED = 1n;
const DT_STRTAB = 5n;

/**
 * @param {Uint8Array} bytes a shared library
 * @returns {readonly string[]} names of the libraries it needs; none if it is no ELF file
 */
export function neededLibraries(bytes) {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1) return [];
  const segments = programHeaders(file);
  const dynamic = segments.find((segment) => segment.type === PT_DYNAMIC);
  if (dynamic === undefined) return [];
  const entries = dynamicEntries(file, dynamic);
  const table = entries.find((entry) => entry.tag === DT_STRTAB);
  if (table === undefined) return [];
  const strings = fileOffset(segments, table.value);
  return entries.filter((entry) => entry.tag === DT_NEEDED).map((entry) => textAt(file, strings + Number(entry.value)));
}

function programHeaders(file) {
  const start = Number(file.readBigUInt64LE(0x20));
  const size = file.readUInt16LE(0x36);
  return Array.from({ length: file.readUInt16LE(0x38) }, (_, i) => {
    const at = start + i * size;
    return {
      type: file.readUInt32LE(at),
      offset: Number(file.readBigUInt64LE(at + 8)),
      address: Number(file.readBigUInt64LE(at + 16)),
      size: Number(file.readBigUInt64LE(at + 32)),
    };
  });
}

const dynamicEntries = (file, { offset, size }) =>
  Array.from({ length: size / 16 }, (_, i) => ({
    tag: file.readBigUInt64LE(offset + i * 16),
    value: file.readBigUInt64LE(offset + i * 16 + 8),
  }));

/** Dynamic entries hold addresses in memory; the loadable segments say where those lie in the file. */
function fileOffset(segments, address) {
  const at = Number(address);
  const home = segments.find((s) => s.type === PT_LOAD && at >= s.address && at < s.address + s.size);
  return home === undefined ? at : at - home.address + home.offset;
}

const textAt = (file, start) => file.toString('latin1', start, file.indexOf(0, start));

/**
 * The given libraries and every one they reach, dependencies before dependents. Names that `find` does not know are
 * the system's own and are left to it.
 * @param {readonly string[]} names @param {(name: string) => string | undefined} find name to path
 * @param {(path: string) => readonly string[]} [needs]
 * @returns {readonly { name: string, path: string }[]}
 */
export function dependencyOrder(names, find, needs = (path) => neededLibraries(readFileSync(path))) {
  const ordered = new Map();
  const visiting = new Set();
  const visit = (name) => {
    const path = find(name);
    if (path === undefined || ordered.has(name) || visiting.has(name)) return;
    visiting.add(name);
    needs(path).forEach(visit);
    ordered.set(name, { name, path });
  };
  names.forEach(visit);
  return [...ordered.values()];
}
