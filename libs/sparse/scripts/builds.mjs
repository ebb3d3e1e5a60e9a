/** Bytes differ between compilers, so the committed files come from this one. */
export const RUST_VERSION = '1.96.0';
/** A memory that threads share is imported, and every thread has its stack somewhere else in it. */
const SHARED_MEMORY = {
  features: ',+atomics,+bulk-memory,+mutable-globals',
  link: ['--import-memory', '--shared-memory', '--max-memory=4294967296', '--export=__stack_pointer'],
};
export const BUILDS = {
  simd128: { features: '+simd128', link: [] },
  'relaxed-simd': { features: '+simd128,+relaxed-simd', link: [] },
  'simd128-shared': { ...SHARED_MEMORY, features: `+simd128${SHARED_MEMORY.features}` },
  'relaxed-simd-shared': { ...SHARED_MEMORY, features: `+simd128,+relaxed-simd${SHARED_MEMORY.features}` },
};
