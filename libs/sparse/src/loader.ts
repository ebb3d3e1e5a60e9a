import { readFileSync } from 'node:fs';
import { checkExports, type KernelExports } from './abi.js';
import { SparseError } from './errors.js';

/** The two builds of the crate. */
export const KERNEL_NAMES = ['simd128', 'relaxed-simd'] as const;
export type KernelName = (typeof KERNEL_NAMES)[number];

/** A module of one function made of `f32x4.relaxed_madd`: valid only where relaxed SIMD is on. */
const RELAXED_SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0, 32, 0, 32,
  1, 32, 2, 253, 133, 2, 11,
]);

const compiled = new Map<KernelName, WebAssembly.Module>();

/** True when this process can run a build. Node 20 needs `--experimental-wasm-relaxed-simd` for relaxed SIMD. */
export function isKernelSupported(name: KernelName): boolean {
  return name === 'simd128' || WebAssembly.validate(RELAXED_SIMD_PROBE);
}

/** The fastest build that this process can run. */
export function bestKernel(): KernelName {
  return isKernelSupported('relaxed-simd') ? 'relaxed-simd' : 'simd128';
}

/** A fresh instance, with a memory of its own that is freed with it. */
export function instantiate(name: KernelName): KernelExports {
  if (!isKernelSupported(name)) {
    throw new SparseError(
      `this Node cannot run the ${name} kernels: start it with --experimental-wasm-relaxed-simd`,
    );
  }
  let module = compiled.get(name);
  if (!module) {
    module = new WebAssembly.Module(readFileSync(new URL(`../wasm/${name}.wasm`, import.meta.url)));
    compiled.set(name, module);
  }
  return checkExports(new WebAssembly.Instance(module, {}).exports);
}
