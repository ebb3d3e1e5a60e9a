import { readFileSync } from 'node:fs';
import { SparseError } from '../errors.js';
import { checkExports, type KernelExports } from './abi.js';

/** The two builds of the crate. */
export const KERNEL_NAMES = ['simd128', 'relaxed-simd'] as const;
export type KernelName = (typeof KERNEL_NAMES)[number];

/** A module of one function made of `f32x4.relaxed_madd`: valid only where relaxed SIMD is on. */
const RELAXED_SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0, 32, 0, 32,
  1, 32, 2, 253, 133, 2, 11,
]);

/** Where an instance has its memory: one of its own, or one that other threads can be lent. */
export type MemoryKind = 'own' | 'shared';

/** Pages of 64 KiB: more than the crate's own data and stack take, and all that 32 bits address. */
const FIRST_PAGES = 32;
const MOST_PAGES = 65_536;

/** What the garbage collector counts in place of shared memory. */
const counted = new WeakMap<WebAssembly.Memory, ArrayBuffer>();

const compiled = new Map<string, WebAssembly.Module>();

/**
 * True when this process can run a build. Node 20 needs `--experimental-wasm-relaxed-simd` for relaxed SIMD.
 */
export function isKernelSupported(name: KernelName): boolean {
  return name === 'simd128' || WebAssembly.validate(RELAXED_SIMD_PROBE);
}

/** The fastest build that this process can run. */
export function bestKernel(): KernelName {
  return isKernelSupported('relaxed-simd') ? 'relaxed-simd' : 'simd128';
}

/** A fresh instance, with a fresh memory that is freed with it. */
export function instantiate(name: KernelName, memoryKind: MemoryKind = 'own'): KernelExports {
  if (!isKernelSupported(name)) {
    throw new SparseError(
      `this Node cannot run the ${name} kernels: start it with --experimental-wasm-relaxed-simd`,
    );
  }
  if (memoryKind === 'own') return checkExports(new WebAssembly.Instance(compile(name), {}).exports);
  const memory = new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: MOST_PAGES, shared: true });
  const { exports } = new WebAssembly.Instance(sharedModule(name), { env: { memory } });
  return checkExports(exports, memory);
}

/** The build for shared memory, compiled; threads that are given it need not compile it again. */
export function sharedModule(name: KernelName): WebAssembly.Module {
  return compile(`${name}-shared`);
}

/** A build for shared memory, and a memory with what one of its instances has put there. */
export interface JoinedMemory {
  readonly kernel: KernelName;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

/**
 * An instance on the memory of another thread's. Its kernels may read what lies there and write to
 * room of their own; they must not allocate, since a thread may be ended at any time, and would
 * leave the allocator locked.
 *
 * @param stackTop end of the bytes that are its stack
 */
export function joinMemory(joined: JoinedMemory, stackTop: number): KernelExports {
  const { exports } = new WebAssembly.Instance(joined.module, { env: { memory: joined.memory } });
  (exports['__stack_pointer'] as WebAssembly.Global<'i32'>).value = stackTop;
  count(joined.memory);
  return checkExports(exports, joined.memory);
}

/**
 * An instance that takes the place of another thread's, which is not used any more: stack and allocator are
 * its own from now on.
 */
export function takeOverMemory({ module, memory }: JoinedMemory): KernelExports {
  count(memory);
  return checkExports(new WebAssembly.Instance(module, { env: { memory } }).exports, memory);
}

/**
 * V8 counts the size of shared memory for no thread that has it, so nothing would have it collected. An array
 * of the same size that goes with it is counted, and since nobody touches it, the system gives it no memory.
 */
function count(memory: WebAssembly.Memory): void {
  counted.set(memory, new ArrayBuffer(memory.buffer.byteLength));
}

function compile(build: string): WebAssembly.Module {
  let module = compiled.get(build);
  if (!module) {
    module = new WebAssembly.Module(readFileSync(new URL(`../../wasm/${build}.wasm`, import.meta.url)));
    compiled.set(build, module);
  }
  return module;
}
