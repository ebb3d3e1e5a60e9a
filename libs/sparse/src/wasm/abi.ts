import { SparseError } from '../errors.js';

/** Must equal the crate's `ABI_VERSION`. */
const ABI_VERSION = 9;

/** The crate's exports (`crate/src/ffi/`); every number is an address, a size or a status. */
export interface KernelExports {
  readonly memory: WebAssembly.Memory;
  abi_version(): number;
  allocate(bytes: number): number;
  release(address: number, bytes: number): void;
  check_csr(x: number): number;
  transpose(x: number, out: number): number;
  gram_strip(x: number, xt: number, firstRow: number, strip: number, rows: number): number;
  gemm_tile(n: number, alpha: number, a: number, b: number, c: number, flags: number): number;
  multiply_dense(
    m: number,
    n: number,
    k: number,
    alpha: number,
    a: number,
    b: number,
    c: number,
    flags: number,
  ): number;
  inverse_of_factor(tile: number, n: number): number;
  add_sparse_times_strip(
    x: number,
    firstRow: number,
    strip: number,
    rows: number,
    width: number,
    out: number,
  ): number;
  sparse_times_panel(
    x: number,
    panel: number,
    width: number,
    scale: number,
    keep: number,
    addend: number,
    shift: number,
    out: number,
  ): number;
  quadratic_diagonal_strip(
    x: number,
    xt: number,
    firstRow: number,
    strip: number,
    rows: number,
    out: number,
  ): number;
  transpose_dense(rows: number, cols: number, a: number, out: number): number;
  rank_strip(
    x: number,
    firstColumn: number,
    strip: number,
    scale: number,
    width: number,
    k: number,
    columns: number,
    scores: number,
    counts: number,
  ): number;
  run_micro_kernel(repeats: number): number;
  score_history(b: number, items: number, weights: number, length: number, scores: number): number;
  add_factor_scores(factors: number, query: number, scores: number): number;
  top_k(scores: number, allowed: number, length: number, out: number, k: number, found: number): number;
  largest_per_row(
    strip: number,
    firstRow: number,
    rows: number,
    scale: number,
    width: number,
    keep: number,
    columns: number,
    values: number,
    counts: number,
  ): number;
  als_solve_rows(
    x: number,
    firstRow: number,
    rows: number,
    factors: number,
    width: number,
    base: number,
    ridge: number,
    right: number,
    out: number,
  ): number;
  nearest_columns(
    x: number,
    xt: number,
    firstRow: number,
    rows: number,
    norms: number,
    shrinkage: number,
    power: number,
    keep: number,
    columns: number,
    values: number,
    counts: number,
  ): number;
  embed_graph(
    graph: number,
    start: number,
    main: number,
    view: number,
    beforeLast: number,
    scratch: number,
  ): number;
  embed_graph_gradient(
    graph: number,
    byMain: number,
    byView: number,
    gradient: number,
    scratch: number,
  ): number;
  bpr_gradient(
    triples: number,
    count: number,
    nodes: number,
    width: number,
    embeddings: number,
    gradient: number,
    loss: number,
  ): number;
  agreement_gradient(
    picked: number,
    weights: number,
    count: number,
    nodes: number,
    width: number,
    temperature: number,
    main: number,
    view: number,
    byMain: number,
    byView: number,
    loss: number,
  ): number;
  contrast_gradient(
    rows: number,
    cols: number,
    width: number,
    temperature: number,
    scale: number,
    view: number,
    weights: number,
    main: number,
    byView: number,
    byMain: number,
    scratch: number,
    loss: number,
  ): number;
  adam_step(
    length: number,
    learningRate: number,
    regularization: number,
    step: number,
    gradient: number,
    parameters: number,
    first: number,
    second: number,
    penalty: number,
  ): number;
  symmetric_eigen(n: number, count: number, a: number, values: number, vectors: number): number;
  add_cross_gram(rows: number, m: number, n: number, a: number, b: number, c: number): number;
  add_times_small(rows: number, m: number, n: number, alpha: number, a: number, t: number, b: number): number;
  top_k_of_rows(
    b: number,
    items: number,
    length: number,
    scores: number,
    allowed: number,
    out: number,
    k: number,
    found: number,
  ): number;
}

const FUNCTIONS = [
  'abi_version',
  'allocate',
  'release',
  'check_csr',
  'transpose',
  'gram_strip',
  'gemm_tile',
  'multiply_dense',
  'inverse_of_factor',
  'add_sparse_times_strip',
  'sparse_times_panel',
  'quadratic_diagonal_strip',
  'transpose_dense',
  'rank_strip',
  'run_micro_kernel',
  'score_history',
  'add_factor_scores',
  'top_k',
  'largest_per_row',
  'als_solve_rows',
  'nearest_columns',
  'embed_graph',
  'embed_graph_gradient',
  'bpr_gradient',
  'agreement_gradient',
  'contrast_gradient',
  'adam_step',
  'symmetric_eigen',
  'add_cross_gram',
  'add_times_small',
  'top_k_of_rows',
] as const satisfies readonly (keyof KernelExports)[];

/**
 * Checks names and version, so that a stale build is refused at load and not in the middle of a fit.
 *
 * @param memory of builds that import it; absent: the instance has its own
 */
export function checkExports(
  exports: WebAssembly.Exports,
  memory: WebAssembly.ExportValue | undefined = exports['memory'],
): KernelExports {
  const missing = FUNCTIONS.filter((name) => typeof exports[name] !== 'function');
  if (missing.length > 0 || !isMemory(memory)) {
    throw new SparseError(
      `the WebAssembly build lacks ${missing.join(', ') || 'memory'}: run npm run build:wasm`,
    );
  }
  const kernels = { ...exports, memory } as unknown as KernelExports;
  if (kernels.abi_version() !== ABI_VERSION) {
    throw new SparseError(`the WebAssembly build has interface ${kernels.abi_version()}, not ${ABI_VERSION}`);
  }
  return kernels;
}

/** Also of one that was made in another context, which has a class of its own. */
function isMemory(value: unknown): value is WebAssembly.Memory {
  return Object.prototype.toString.call(value) === '[object WebAssembly.Memory]';
}
