//! Gram matrices, their inverses, and the largest entries of what is made of them.

use super::memory::{RawCsr, RawSlice};
use super::status;
use crate::gemm::{self, Operand};
use crate::similarity::{self, Similarity};
use crate::{cholesky, gram, largest, spmm};

/// How a dense product reads its operands, and what it computes; `src/wasm/gemm-flags.ts` has the same.
pub mod flags {
    /// Reads A transposed.
    pub const TRANSPOSE_A: u32 = 1;
    /// Reads B transposed.
    pub const TRANSPOSE_B: u32 = 2;
    /// Computes the lower triangle of C only.
    pub const LOWER_ONLY: u32 = 4;
    /// A, as stored, is lower triangular.
    pub const LOWER_TRIANGULAR_A: u32 = 8;
    /// B, as stored, is lower triangular.
    pub const LOWER_TRIANGULAR_B: u32 = 16;
}

/// [`gram::gram_strip`] for `rows` rows: `strip` holds `rows × num_cols` floats.
#[no_mangle]
pub extern "C" fn gram_strip(
    x: RawSlice<RawCsr>,
    xt: RawSlice<RawCsr>,
    first_row: usize,
    strip: RawSlice<f32>,
    rows: usize,
) -> u32 {
    status(x.borrow().and_then(|x| gram::gram_strip(&x, &xt.borrow()?, first_row, strip.write(rows * x.num_cols()))))
}

/// C ← C + α·op(A)·op(B) for square `n × n` tiles without padding, as [`flags`] say.
#[no_mangle]
pub extern "C" fn gemm_tile(
    n: usize,
    alpha: f32,
    a: RawSlice<f32>,
    b: RawSlice<f32>,
    c: RawSlice<f32>,
    flags: u32,
) -> u32 {
    multiply_dense(n, n, n, alpha, a, b, c, flags)
}

/// C ← C + α·op(A)·op(B) with C `m × n` and depth `k`, all without padding, as [`flags`] say.
#[no_mangle]
pub extern "C" fn multiply_dense(
    m: usize,
    n: usize,
    k: usize,
    alpha: f32,
    a: RawSlice<f32>,
    b: RawSlice<f32>,
    c: RawSlice<f32>,
    flags: u32,
) -> u32 {
    let has = |flag| flags & flag != 0;
    let a = operand(a.read(m * k), (m, k), has(flags::TRANSPOSE_A), has(flags::LOWER_TRIANGULAR_A));
    let b = operand(b.read(k * n), (k, n), has(flags::TRANSPOSE_B), has(flags::LOWER_TRIANGULAR_B));
    status(gemm::gemm((m, n, k), alpha, a, b, (c.write(m * n), n), has(flags::LOWER_ONLY)))
}

/// A matrix without padding that is read as `rows × cols`.
fn operand(data: &[f32], (rows, cols): (usize, usize), transposed: bool, lower_triangular: bool) -> Operand<'_> {
    Operand { data, stride: if transposed { rows } else { cols }, transposed, lower_triangular }
}

/// [`cholesky::inverse_of_factor`] of a tile of `n²` floats.
#[no_mangle]
pub extern "C" fn inverse_of_factor(tile: RawSlice<f32>, n: usize) -> u32 {
    status(cholesky::inverse_of_factor(tile.write(n * n), n))
}

/// `out` ← the transpose of the `rows × cols` matrix `a`, both row-major.
#[no_mangle]
pub extern "C" fn transpose_dense(rows: usize, cols: usize, a: RawSlice<f32>, out: RawSlice<f32>) -> u32 {
    status(gemm::transpose(rows, cols, a.read(rows * cols), out.write(rows * cols)))
}

/// [`spmm::add_sparse_times_strip`] for a strip of `rows` rows and `width` columns; `out` has as many rows as X.
#[no_mangle]
pub extern "C" fn add_sparse_times_strip(
    x: RawSlice<RawCsr>,
    first_row: usize,
    strip: RawSlice<f32>,
    rows: usize,
    width: usize,
    out: RawSlice<f32>,
) -> u32 {
    status(x.borrow().and_then(|x| {
        let out = out.write(x.num_rows() * width);
        spmm::add_sparse_times_strip(&x, first_row, strip.read(rows * width), width, out)
    }))
}

/// [`spmm::quadratic_diagonal_strip`] for `rows` rows of `x.num_rows` floats; `out` holds one double a column of X.
#[no_mangle]
pub extern "C" fn quadratic_diagonal_strip(
    x: RawSlice<RawCsr>,
    xt: RawSlice<RawCsr>,
    first_row: usize,
    strip: RawSlice<f32>,
    rows: usize,
    out: RawSlice<f64>,
) -> u32 {
    status(x.borrow().and_then(|x| {
        let (strip, out) = (strip.read(rows * x.num_rows()), out.write(x.num_cols()));
        spmm::quadratic_diagonal_strip(&x, &xt.borrow()?, first_row, strip, out)
    }))
}

/// [`largest::largest_per_row`] for a strip of `rows` rows and `width` columns: `scale` holds `width` floats, `columns` and
/// `values` `rows × keep`, `counts` `rows`.
#[no_mangle]
pub extern "C" fn largest_per_row(
    strip: RawSlice<f32>,
    first_row: usize,
    rows: usize,
    scale: RawSlice<f32>,
    width: usize,
    keep: usize,
    columns: RawSlice<u32>,
    values: RawSlice<f32>,
    counts: RawSlice<u32>,
) -> u32 {
    let out = (columns.write(rows * keep), values.write(rows * keep), counts.write(rows));
    status(largest::largest_per_row(strip.read(rows * width), first_row, scale.read(width), keep, out))
}

/// [`similarity::nearest_columns`] for `rows` rows: `norms` holds one float a column of X, `columns` and `values`
/// `rows × keep`, `counts` `rows`.
#[no_mangle]
pub extern "C" fn nearest_columns(
    x: RawSlice<RawCsr>,
    xt: RawSlice<RawCsr>,
    first_row: usize,
    rows: usize,
    norms: RawSlice<f32>,
    shrinkage: f32,
    power: f32,
    keep: usize,
    columns: RawSlice<u32>,
    values: RawSlice<f32>,
    counts: RawSlice<u32>,
) -> u32 {
    status(x.borrow().and_then(|x| {
        let out = (columns.write(rows * keep), values.write(rows * keep), counts.write(rows));
        let similarity = Similarity { norms: norms.read(x.num_cols()), shrinkage, power };
        similarity::nearest_columns(&x, &xt.borrow()?, first_row, similarity, keep, out)
    }))
}
