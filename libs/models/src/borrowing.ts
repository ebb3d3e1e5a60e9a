import { loadKernels, type KernelName, type Kernels } from '@app/sparse';

const own = new Map<KernelName, Kernels>();

/** This thread's kernels for all models that it borrows, one after another: what they hold is given back after every call. */
export function borrowingKernels(name: KernelName): Kernels {
  const kernels = own.get(name) ?? loadKernels(name);
  own.set(name, kernels);
  return kernels;
}
