//! The WebAssembly exports: numbers and addresses in, a status code out. Only conversion happens here.
//!
//! Status: 0 done, 1 shape, 2 index, 3 not finite, 4 + pivot not positive definite. Counts that can be large come out
//! through memory that the caller owns.

use crate::als::{self, Systems};
use crate::csr::{self, Csr};
use crate::error::KernelError;
use crate::gemm::Operand;
use crate::losses::{self, AdamStep, Contrast};
use crate::propagation::{self, Graph};
use crate::simd::{multiply_panels, MR, NR};
use crate::similarity::{self, Similarity};
use crate::topk::BestColumns;
use crate::{cholesky, eigen, gemm, gram, spmm, tall, topk};
use core::hint::black_box;
use core::slice::{from_raw_parts, from_raw_parts_mut};
use std::alloc::{alloc, dealloc, Layout};

/// Changes with every change of the exports.
const ABI_VERSION: u32 = 7;
const ALIGNMENT: usize = 16;

fn status(result: Result<(), KernelError>) -> u32 {
    match result {
        Ok(()) => 0,
        Err(KernelError::Shape) => 1,
        Err(KernelError::Index) => 2,
        Err(KernelError::NotFinite) => 3,
        Err(KernelError::NotPositiveDefinite { pivot }) => 4 + pivot as u32,
    }
}

/// Version of this interface.
#[no_mangle]
pub extern "C" fn abi_version() -> u32 {
    ABI_VERSION
}

/// Address of `bytes` fresh bytes, aligned to 16, or 0 when there is no room.
#[no_mangle]
pub extern "C" fn allocate(bytes: usize) -> *mut u8 {
    match Layout::from_size_align(bytes.max(1), ALIGNMENT) {
        // SAFETY: the layout has a size above zero.
        Ok(layout) => unsafe { alloc(layout) },
        Err(_) => core::ptr::null_mut(),
    }
}

/// Gives back what [`allocate`] returned for the same number of bytes.
///
/// # Safety
/// `address` came from `allocate(bytes)` and is not used again.
#[no_mangle]
pub unsafe extern "C" fn release(address: *mut u8, bytes: usize) {
    if let Ok(layout) = Layout::from_size_align(bytes.max(1), ALIGNMENT) {
        // SAFETY: by contract the block was allocated with this very layout.
        unsafe { dealloc(address, layout) };
    }
}

/// The three arrays of a CSR matrix in memory, and its shape.
#[repr(C)]
pub struct RawCsr {
    num_rows: usize,
    num_cols: usize,
    indptr: *const u32,
    indices: *const u32,
    values: *const f32,
    nnz: usize,
}

/// Number of columns, `indptr`, `indices` and `values` of a matrix in memory.
type CsrParts<'a> = (usize, &'a [u32], &'a [u32], &'a [f32]);

/// # Safety
/// The addresses hold as many values as the shape says, and live for `'a`.
unsafe fn parts<'a>(raw: *const RawCsr) -> CsrParts<'a> {
    // SAFETY: by contract.
    unsafe {
        let raw = &*raw;
        let indptr = from_raw_parts(raw.indptr, raw.num_rows + 1);
        (raw.num_cols, indptr, from_raw_parts(raw.indices, raw.nnz), from_raw_parts(raw.values, raw.nnz))
    }
}

/// # Safety
/// As for [`parts`].
unsafe fn borrow<'a>(raw: *const RawCsr) -> Result<Csr<'a>, KernelError> {
    // SAFETY: by contract.
    let (num_cols, indptr, indices, values) = unsafe { parts(raw) };
    Csr::new_trusted(num_cols, indptr, indices, values)
}

/// Checks a matrix in memory once; the other exports then take it on trust.
///
/// # Safety
/// `raw` describes memory of this instance.
#[no_mangle]
pub unsafe extern "C" fn check_csr(raw: *const RawCsr) -> u32 {
    // SAFETY: by contract.
    let (num_cols, indptr, indices, values) = unsafe { parts(raw) };
    status(Csr::try_new(num_cols, indptr, indices, values).map(|_| ()))
}

/// [`csr::transpose`]: `out` describes the memory to fill.
///
/// # Safety
/// `raw` was checked; the arrays of `out` are writable and overlap nothing.
#[no_mangle]
pub unsafe extern "C" fn transpose(raw: *const RawCsr, out: *const RawCsr) -> u32 {
    // SAFETY: by contract.
    status(unsafe {
        borrow(raw).and_then(|x| {
            let out = &*out;
            csr::transpose(
                &x,
                from_raw_parts_mut(out.indptr.cast_mut(), out.num_rows + 1),
                from_raw_parts_mut(out.indices.cast_mut(), out.nnz),
                from_raw_parts_mut(out.values.cast_mut(), out.nnz),
            )
        })
    })
}

/// [`gram::gram_strip`] for `rows` rows.
///
/// # Safety
/// Both matrices were checked; `strip` holds `rows × num_cols` floats.
#[no_mangle]
pub unsafe extern "C" fn gram_strip(
    x: *const RawCsr,
    xt: *const RawCsr,
    first_row: usize,
    strip: *mut f32,
    rows: usize,
) -> u32 {
    // SAFETY: by contract.
    status(unsafe {
        borrow(x).and_then(|x| {
            let strip = from_raw_parts_mut(strip, rows * x.num_cols());
            gram::gram_strip(&x, &borrow(xt)?, first_row, strip)
        })
    })
}

/// C ← C + α·op(A)·op(B) for square `n × n` tiles without padding; bit 0 of `flags` transposes A, bit 1 transposes B,
/// bit 2 computes the lower triangle only, bits 3 and 4 say that A and B, as stored, are lower triangular. `c` overlaps
/// neither.
///
/// # Safety
/// `a`, `b` and `c` each hold `n²` floats.
#[no_mangle]
pub unsafe extern "C" fn gemm_tile(n: usize, alpha: f32, a: *const f32, b: *const f32, c: *mut f32, flags: u32) -> u32 {
    // SAFETY: by contract.
    let (a, b, c) = unsafe { (from_raw_parts(a, n * n), from_raw_parts(b, n * n), from_raw_parts_mut(c, n * n)) };
    let a = operand(a, (n, n), flags & 1 != 0, flags & 8 != 0);
    let b = operand(b, (n, n), flags & 2 != 0, flags & 16 != 0);
    status(gemm::gemm((n, n, n), alpha, a, b, (c, n), flags & 4 != 0))
}

/// C ← C + α·op(A)·op(B) with C `m × n` and depth `k`, all without padding; `flags` as for [`gemm_tile`]. `c` overlaps
/// neither.
///
/// # Safety
/// `a` holds `m·k` floats, `b` holds `k·n`, `c` holds `m·n`.
#[no_mangle]
pub unsafe extern "C" fn multiply_dense(
    m: usize,
    n: usize,
    k: usize,
    alpha: f32,
    a: *const f32,
    b: *const f32,
    c: *mut f32,
    flags: u32,
) -> u32 {
    // SAFETY: by contract.
    let (a, b, c) = unsafe { (from_raw_parts(a, m * k), from_raw_parts(b, k * n), from_raw_parts_mut(c, m * n)) };
    let a = operand(a, (m, k), flags & 1 != 0, flags & 8 != 0);
    let b = operand(b, (k, n), flags & 2 != 0, flags & 16 != 0);
    status(gemm::gemm((m, n, k), alpha, a, b, (c, n), flags & 4 != 0))
}

/// A matrix without padding that is read as `rows × cols`.
fn operand(data: &[f32], (rows, cols): (usize, usize), transposed: bool, lower_triangular: bool) -> Operand<'_> {
    Operand { data, stride: if transposed { rows } else { cols }, transposed, lower_triangular }
}

/// [`cholesky::inverse_of_factor`].
///
/// # Safety
/// `tile` holds `n²` floats.
#[no_mangle]
pub unsafe extern "C" fn inverse_of_factor(tile: *mut f32, n: usize) -> u32 {
    // SAFETY: by contract.
    status(cholesky::inverse_of_factor(unsafe { from_raw_parts_mut(tile, n * n) }, n))
}

/// [`spmm::add_sparse_times_strip`] for a strip of `rows` rows and `width` columns.
///
/// # Safety
/// `x` was checked; `strip` holds `rows × width` floats and `out` as many as X has rows times `width`.
#[no_mangle]
pub unsafe extern "C" fn add_sparse_times_strip(
    x: *const RawCsr,
    first_row: usize,
    strip: *const f32,
    rows: usize,
    width: usize,
    out: *mut f32,
) -> u32 {
    // SAFETY: by contract.
    status(unsafe {
        borrow(x).and_then(|x| {
            let out = from_raw_parts_mut(out, x.num_rows() * width);
            spmm::add_sparse_times_strip(&x, first_row, from_raw_parts(strip, rows * width), width, out)
        })
    })
}

/// [`spmm::sparse_times_panel`] for a panel of `width` columns; `addend` may be null.
///
/// # Safety
/// `x` was checked; `panel` holds as many rows as X has columns, `addend` and `out` as many as X has rows, of `width` floats.
#[no_mangle]
pub unsafe extern "C" fn sparse_times_panel(
    x: *const RawCsr,
    panel: *const f32,
    width: usize,
    scale: f32,
    keep: f32,
    addend: *const f32,
    shift: f32,
    out: *mut f32,
) -> u32 {
    // SAFETY: by contract.
    status(unsafe {
        borrow(x).and_then(|x| {
            let length = x.num_rows() * width;
            let addend = if addend.is_null() { None } else { Some(from_raw_parts(addend, length)) };
            let panel = from_raw_parts(panel, x.num_cols() * width);
            let out = from_raw_parts_mut(out, length);
            spmm::sparse_times_panel(&x, panel, width, (scale, keep, shift), addend, out)
        })
    })
}

/// [`spmm::quadratic_diagonal_strip`] for `rows` rows.
///
/// # Safety
/// Both matrices were checked; `strip` holds `rows × x.num_rows` floats and `out` one double a column of X.
#[no_mangle]
pub unsafe extern "C" fn quadratic_diagonal_strip(
    x: *const RawCsr,
    xt: *const RawCsr,
    first_row: usize,
    strip: *const f32,
    rows: usize,
    out: *mut f64,
) -> u32 {
    // SAFETY: by contract.
    status(unsafe {
        borrow(x).and_then(|x| {
            let (strip, out) = (from_raw_parts(strip, rows * x.num_rows()), from_raw_parts_mut(out, x.num_cols()));
            spmm::quadratic_diagonal_strip(&x, &borrow(xt)?, first_row, strip, out)
        })
    })
}

/// `out` ← the transpose of the `rows × cols` matrix `a`, both row-major.
///
/// # Safety
/// `a` and `out` hold `rows · cols` floats and do not overlap.
#[no_mangle]
pub unsafe extern "C" fn transpose_dense(rows: usize, cols: usize, a: *const f32, out: *mut f32) -> u32 {
    // SAFETY: by contract.
    let (a, out) = unsafe { (from_raw_parts(a, rows * cols), from_raw_parts_mut(out, rows * cols)) };
    status(gemm::transpose(rows, cols, a, out))
}

/// [`topk::rank_strip`] for `width` columns.
///
/// # Safety
/// `x` was checked; `strip` holds `x.num_cols × width` floats, `scale` holds `width`, `columns` and `scores`
/// `x.num_rows × k`, `counts` `x.num_rows`.
#[no_mangle]
pub unsafe extern "C" fn rank_strip(
    x: *const RawCsr,
    first_column: usize,
    strip: *const f32,
    scale: *const f32,
    width: usize,
    k: usize,
    columns: *mut u32,
    scores: *mut f32,
    counts: *mut u32,
) -> u32 {
    // SAFETY: by contract.
    status(unsafe {
        borrow(x).and_then(|x| {
            let mut best = BestColumns {
                k,
                columns: from_raw_parts_mut(columns, x.num_rows() * k),
                scores: from_raw_parts_mut(scores, x.num_rows() * k),
                counts: from_raw_parts_mut(counts, x.num_rows()),
            };
            let (strip, scale) = (from_raw_parts(strip, x.num_cols() * width), from_raw_parts(scale, width));
            topk::rank_strip(&x, first_column, strip, scale, &mut best)
        })
    })
}

/// [`spmm::score_history`].
///
/// # Safety
/// `b` was checked; `items` and `weights` hold `len` entries, `scores` one a column.
#[no_mangle]
pub unsafe extern "C" fn score_history(
    b: *const RawCsr,
    items: *const u32,
    weights: *const f32,
    len: usize,
    scores: *mut f32,
) -> u32 {
    // SAFETY: by contract.
    status(unsafe {
        borrow(b).and_then(|b| {
            let scores = from_raw_parts_mut(scores, b.num_cols());
            spmm::score_history(&b, from_raw_parts(items, len), from_raw_parts(weights, len), scores)
        })
    })
}

/// [`spmm::add_factor_scores`] for `rows` rows of `width` factors.
///
/// # Safety
/// `factors` holds `rows · width` floats, `query` `width`, `scores` `rows`.
#[no_mangle]
pub unsafe extern "C" fn add_factor_scores(
    factors: *const f32,
    rows: usize,
    query: *const f32,
    width: usize,
    scores: *mut f32,
) -> u32 {
    // SAFETY: by contract.
    let (factors, query, scores) = unsafe {
        (from_raw_parts(factors, rows * width), from_raw_parts(query, width), from_raw_parts_mut(scores, rows))
    };
    status(spmm::add_factor_scores(factors, query, scores))
}

/// [`topk::top_k`] over `len` scores; writes the number found to `found`.
///
/// # Safety
/// `scores` and `allowed` hold `len` entries, `out` holds `k`.
#[no_mangle]
pub unsafe extern "C" fn top_k(
    scores: *mut f32,
    allowed: *const u8,
    len: usize,
    out: *mut u32,
    k: usize,
    found: *mut u32,
) -> u32 {
    // SAFETY: by contract.
    let (scores, allowed, out) =
        unsafe { (from_raw_parts_mut(scores, len), from_raw_parts(allowed, len), from_raw_parts_mut(out, k)) };
    let result = topk::top_k(scores, allowed, out);
    if let Ok(count) = result {
        // SAFETY: `found` is one writable u32 by contract.
        unsafe { *found = count as u32 };
    }
    status(result.map(|_| ()))
}

/// [`topk::largest_per_row`] for a strip of `rows` rows and `width` columns.
///
/// # Safety
/// `strip` holds `rows × width` floats, `scale` holds `width`, `columns` and `values` `rows × keep`, `counts` `rows`.
#[no_mangle]
pub unsafe extern "C" fn largest_per_row(
    strip: *const f32,
    first_row: usize,
    rows: usize,
    scale: *const f32,
    width: usize,
    keep: usize,
    columns: *mut u32,
    values: *mut f32,
    counts: *mut u32,
) -> u32 {
    // SAFETY: by contract.
    unsafe {
        let out = (
            from_raw_parts_mut(columns, rows * keep),
            from_raw_parts_mut(values, rows * keep),
            from_raw_parts_mut(counts, rows),
        );
        let (strip, scale) = (from_raw_parts(strip, rows * width), from_raw_parts(scale, width));
        status(topk::largest_per_row(strip, first_row, scale, keep, out))
    }
}

/// Runs the register block `repeats` times over panels of depth 256 that stay in the first-level cache, and answers the
/// FLOPs of one run: the speed that nothing built on it can pass.
#[no_mangle]
pub extern "C" fn run_micro_kernel(repeats: usize) -> usize {
    const DEPTH: usize = 256;
    let (a, b) = (vec![1.0f32; MR * DEPTH], vec![1.0f32; NR * DEPTH]);
    for _ in 0..repeats {
        black_box(multiply_panels(black_box(&a), black_box(&b)));
    }
    2 * MR * NR * DEPTH
}

/// [`similarity::nearest_columns`] for `rows` rows.
///
/// # Safety
/// Both matrices were checked; `norms` holds one float a column of X, `columns` and `values` `rows × keep`, `counts` `rows`.
#[no_mangle]
pub unsafe extern "C" fn nearest_columns(
    x: *const RawCsr,
    xt: *const RawCsr,
    first_row: usize,
    rows: usize,
    norms: *const f32,
    shrinkage: f32,
    power: f32,
    keep: usize,
    columns: *mut u32,
    values: *mut f32,
    counts: *mut u32,
) -> u32 {
    // SAFETY: by contract.
    status(unsafe {
        borrow(x).and_then(|x| {
            let out = (
                from_raw_parts_mut(columns, rows * keep),
                from_raw_parts_mut(values, rows * keep),
                from_raw_parts_mut(counts, rows),
            );
            let similarity = Similarity { norms: from_raw_parts(norms, x.num_cols()), shrinkage, power };
            similarity::nearest_columns(&x, &borrow(xt)?, first_row, similarity, keep, out)
        })
    })
}

/// [`als::solve_rows`] for `rows` rows; `right` may be null.
///
/// # Safety
/// `x` was checked; `factors` holds `x.num_cols × width` floats, `base` `width²`, `ridge` `rows`, `out` and `right`
/// `rows × width`; `out` overlaps nothing.
#[no_mangle]
pub unsafe extern "C" fn als_solve_rows(
    x: *const RawCsr,
    first_row: usize,
    rows: usize,
    factors: *const f32,
    width: usize,
    base: *const f32,
    ridge: *const f32,
    right: *const f32,
    out: *mut f32,
) -> u32 {
    // SAFETY: by contract.
    status(unsafe {
        borrow(x).and_then(|x| {
            let systems = Systems {
                factors: from_raw_parts(factors, x.num_cols() * width),
                width,
                base: from_raw_parts(base, width * width),
                ridge: from_raw_parts(ridge, rows),
                right: (!right.is_null()).then(|| from_raw_parts(right, rows * width)),
            };
            als::solve_rows(&x, first_row..first_row + rows, &systems, from_raw_parts_mut(out, rows * width))
        })
    })
}

/// A [`Graph`] in memory.
#[repr(C)]
pub struct RawGraph {
    adjacency: *const RawCsr,
    num_users: usize,
    rank: usize,
    vectors: *const f32,
    values: *const f32,
    width: usize,
    layers: usize,
}

/// # Safety
/// The adjacency was checked, the addresses hold as many values as the shape says, and live for `'a`.
unsafe fn borrow_graph<'a>(raw: *const RawGraph) -> Result<Graph<'a, f32>, KernelError> {
    // SAFETY: by contract.
    unsafe {
        let raw = &*raw;
        let adjacency = borrow(raw.adjacency)?;
        Ok(Graph {
            adjacency,
            num_users: raw.num_users,
            vectors: from_raw_parts(raw.vectors, adjacency.num_rows() * raw.rank),
            values: from_raw_parts(raw.values, raw.rank),
            width: raw.width,
            layers: raw.layers,
        })
    }
}

/// [`propagation::embed`].
///
/// # Safety
/// As for [`borrow_graph`]; `start`, `main`, `view` and `before_last` hold one embedding a node and `scratch` two, none
/// overlapping.
#[no_mangle]
pub unsafe extern "C" fn embed_graph(
    raw: *const RawGraph,
    start: *const f32,
    main: *mut f32,
    view: *mut f32,
    before_last: *mut f32,
    scratch: *mut f32,
) -> u32 {
    // SAFETY: by contract.
    status(unsafe {
        borrow_graph(raw).and_then(|graph| {
            let length = graph.adjacency.num_rows() * graph.width;
            let out = (
                from_raw_parts_mut(main, length),
                from_raw_parts_mut(view, length),
                from_raw_parts_mut(before_last, length),
            );
            let scratch = from_raw_parts_mut(scratch, 2 * length);
            propagation::embed(&graph, from_raw_parts(start, length), out, scratch)
        })
    })
}

/// [`propagation::embed_gradient`].
///
/// # Safety
/// As for [`embed_graph`].
#[no_mangle]
pub unsafe extern "C" fn embed_graph_gradient(
    raw: *const RawGraph,
    by_main: *const f32,
    by_view: *const f32,
    gradient: *mut f32,
    scratch: *mut f32,
) -> u32 {
    // SAFETY: by contract.
    status(unsafe {
        borrow_graph(raw).and_then(|graph| {
            let length = graph.adjacency.num_rows() * graph.width;
            let given = (from_raw_parts(by_main, length), from_raw_parts(by_view, length));
            let (gradient, scratch) = (from_raw_parts_mut(gradient, length), from_raw_parts_mut(scratch, 2 * length));
            propagation::embed_gradient(&graph, given, gradient, scratch)
        })
    })
}

/// Writes a loss, or says why there is none.
///
/// # Safety
/// `out` is one writable double.
unsafe fn put_loss(result: Result<f64, KernelError>, out: *mut f64) -> u32 {
    if let Ok(loss) = result {
        // SAFETY: by contract.
        unsafe { *out = loss };
    }
    status(result.map(|_| ()))
}

/// [`losses::bpr`] over `count` triples of nodes.
///
/// # Safety
/// `triples` holds `3 · count` nodes, `embeddings` and `gradient` `nodes · width` floats, `loss` one double.
#[no_mangle]
pub unsafe extern "C" fn bpr_gradient(
    triples: *const u32,
    count: usize,
    nodes: usize,
    width: usize,
    embeddings: *const f32,
    gradient: *mut f32,
    loss: *mut f64,
) -> u32 {
    // SAFETY: by contract.
    unsafe {
        let embeddings = from_raw_parts(embeddings, nodes * width);
        let gradient = from_raw_parts_mut(gradient, nodes * width);
        put_loss(losses::bpr(from_raw_parts(triples, 3 * count), width, embeddings, gradient), loss)
    }
}

/// [`losses::agreement`] of `count` nodes.
///
/// # Safety
/// `picked` and `weights` hold `count` entries, the matrices `nodes · width` floats, `loss` one double.
#[no_mangle]
pub unsafe extern "C" fn agreement_gradient(
    picked: *const u32,
    weights: *const f32,
    count: usize,
    nodes: usize,
    width: usize,
    temperature: f64,
    main: *const f32,
    view: *const f32,
    by_main: *mut f32,
    by_view: *mut f32,
    loss: *mut f64,
) -> u32 {
    // SAFETY: by contract.
    unsafe {
        let length = nodes * width;
        let of = (from_raw_parts(main, length), from_raw_parts(view, length));
        let into = (from_raw_parts_mut(by_main, length), from_raw_parts_mut(by_view, length));
        let picked = (from_raw_parts(picked, count), from_raw_parts(weights, count));
        put_loss(losses::agreement(picked, (width, temperature), of, into), loss)
    }
}

/// [`losses::contrast`] of `rows` rows of G with `cols` rows of E.
///
/// # Safety
/// `view` and `by_view` hold `rows · width` floats, `main` and `by_main` `cols · width`, `weights` `rows`, `scratch`
/// `rows · cols`, `loss` one double.
#[no_mangle]
pub unsafe extern "C" fn contrast_gradient(
    rows: usize,
    cols: usize,
    width: usize,
    temperature: f64,
    scale: f64,
    view: *const f32,
    weights: *const f32,
    main: *const f32,
    by_view: *mut f32,
    by_main: *mut f32,
    scratch: *mut f32,
    loss: *mut f64,
) -> u32 {
    // SAFETY: by contract.
    unsafe {
        let given = Contrast {
            view: from_raw_parts(view, rows * width),
            weights: from_raw_parts(weights, rows),
            main: from_raw_parts(main, cols * width),
            width,
            temperature,
            scale,
        };
        let into = (from_raw_parts_mut(by_view, rows * width), from_raw_parts_mut(by_main, cols * width));
        put_loss(losses::contrast(&given, into, from_raw_parts_mut(scratch, rows * cols)), loss)
    }
}

/// [`losses::adam`] on `length` parameters.
///
/// # Safety
/// All arrays hold `length` floats, `penalty` one double.
#[no_mangle]
pub unsafe extern "C" fn adam_step(
    length: usize,
    learning_rate: f64,
    regularization: f64,
    step: u32,
    gradient: *const f32,
    parameters: *mut f32,
    first: *mut f32,
    second: *mut f32,
    penalty: *mut f64,
) -> u32 {
    // SAFETY: by contract.
    unsafe {
        let settings = AdamStep { learning_rate, regularization, step };
        let state = (
            from_raw_parts_mut(parameters, length),
            from_raw_parts_mut(first, length),
            from_raw_parts_mut(second, length),
        );
        put_loss(losses::adam(&settings, from_raw_parts(gradient, length), state), penalty)
    }
}

/// [`eigen::symmetric_eigen`] for the first `count` eigenvectors.
///
/// # Safety
/// `a` holds `n²` doubles, `values` `n`, `vectors` `count · n`.
#[no_mangle]
pub unsafe extern "C" fn symmetric_eigen(
    n: usize,
    count: usize,
    a: *mut f64,
    values: *mut f64,
    vectors: *mut f64,
) -> u32 {
    // SAFETY: by contract.
    let (a, values, vectors) = unsafe {
        (from_raw_parts_mut(a, n * n), from_raw_parts_mut(values, n), from_raw_parts_mut(vectors, count * n))
    };
    status(eigen::symmetric_eigen(a, values, vectors))
}

/// [`tall::add_cross_gram`] of `rows` rows.
///
/// # Safety
/// `a` holds `rows · m` floats, `b` `rows · n`, `c` `m · n`.
#[no_mangle]
pub unsafe extern "C" fn add_cross_gram(
    rows: usize,
    m: usize,
    n: usize,
    a: *const f32,
    b: *const f32,
    c: *mut f32,
) -> u32 {
    // SAFETY: by contract.
    unsafe {
        let (a, b) = (from_raw_parts(a, rows * m), from_raw_parts(b, rows * n));
        status(tall::add_cross_gram((m, n), a, b, from_raw_parts_mut(c, m * n)))
    }
}

/// [`tall::add_times_small`] of `rows` rows.
///
/// # Safety
/// `a` holds `rows · m` floats, `t` `m · n`, `b` `rows · n`.
#[no_mangle]
pub unsafe extern "C" fn add_times_small(
    rows: usize,
    m: usize,
    n: usize,
    alpha: f32,
    a: *const f32,
    t: *const f32,
    b: *mut f32,
) -> u32 {
    // SAFETY: by contract.
    unsafe {
        let (a, t) = (from_raw_parts(a, rows * m), from_raw_parts(t, m * n));
        status(tall::add_times_small((m, n), alpha, a, t, from_raw_parts_mut(b, rows * n)))
    }
}
