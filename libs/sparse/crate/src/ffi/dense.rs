//! Dense tiles, and how fast they can be multiplied.

use super::status;
use crate::cholesky;
use crate::gemm::{self, Operand};
use crate::simd::{multiply_panels, MR, NR};
use core::hint::black_box;
use core::slice::{from_raw_parts, from_raw_parts_mut};

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
