//! Inverse of the Cholesky factor of one dense block.
#![forbid(unsafe_code)]

use crate::error::KernelError;
use crate::gemm::{gemm, Operand};

/// Largest block that is factored in double precision; larger ones are halved.
const BASE: usize = 64;

/// Replaces the lower triangle of a symmetric positive definite `n × n` block A = LLᵀ (row-major, distance `n` between
/// rows) by W = L⁻¹, and its strict upper triangle by zeros. Recursive: with A split in halves,
/// W₁₁ from A₁₁, L₂₁ = A₂₁W₁₁ᵀ, W₂₂ from A₂₂ − L₂₁L₂₁ᵀ, W₂₁ = −W₂₂L₂₁W₁₁.
/// Costs 2n³/3 FLOPs, nearly all in [`gemm`]; blocks of up to 64 rows are done in double precision.
///
/// # Errors
/// [`KernelError::Shape`] when `block.len() != n²`, [`KernelError::NotPositiveDefinite`] with the row of the first pivot
/// that is not above zero (the block is then half done and must be dropped).
pub fn inverse_of_factor(block: &mut [f32], n: usize) -> Result<(), KernelError> {
    if block.len() != n * n {
        return Err(KernelError::Shape);
    }
    invert(block, n, n, 0)?;
    for row in 0..n {
        block[row * n + row + 1..(row + 1) * n].fill(0.0);
    }
    Ok(())
}

fn plain(data: &[f32], stride: usize) -> Operand<'_> {
    Operand { data, stride, transposed: false, lower_triangular: false }
}

fn lower(data: &[f32], stride: usize) -> Operand<'_> {
    Operand { lower_triangular: true, ..plain(data, stride) }
}

fn transposed(operand: Operand<'_>) -> Operand<'_> {
    Operand { transposed: !operand.transposed, ..operand }
}

/// `a` starts at the block's first entry; only its lower triangle is read.
fn invert(a: &mut [f32], stride: usize, n: usize, first_pivot: usize) -> Result<(), KernelError> {
    if n <= BASE {
        return invert_base(a, stride, n, first_pivot);
    }
    let upper = n.div_ceil(2);
    let rest = n - upper;
    invert(a, stride, upper, first_pivot)?;
    clear_above_diagonal(a, stride, upper);
    let (top, bottom) = a.split_at_mut(upper * stride);
    let corner = lower(top, stride);
    let mut factor = vec![0.0f32; rest * upper];
    gemm((rest, upper, upper), 1.0, plain(bottom, stride), transposed(corner), (&mut factor, upper), false)?;
    let side = plain(&factor, upper);
    gemm((rest, rest, upper), -1.0, side, transposed(side), (&mut bottom[upper..], stride), true)?;
    invert(&mut bottom[upper..], stride, rest, first_pivot + upper)?;
    clear_above_diagonal(&mut bottom[upper..], stride, rest);
    let mut product = vec![0.0f32; rest * upper];
    gemm((rest, upper, upper), 1.0, side, corner, (&mut product, upper), false)?;
    factor.fill(0.0);
    let product = plain(&product, upper);
    gemm((rest, upper, rest), -1.0, lower(&bottom[upper..], stride), product, (&mut factor, upper), false)?;
    for (row, values) in factor.chunks_exact(upper).enumerate() {
        bottom[row * stride..row * stride + upper].copy_from_slice(values);
    }
    Ok(())
}

fn clear_above_diagonal(a: &mut [f32], stride: usize, n: usize) {
    for row in 0..n {
        a[row * stride + row + 1..row * stride + n].fill(0.0);
    }
}

/// Unblocked, in double precision: columns of L by axpy, then L⁻¹ by forward substitution.
fn invert_base(a: &mut [f32], stride: usize, n: usize, first_pivot: usize) -> Result<(), KernelError> {
    let mut l = vec![0.0f64; n * n];
    for row in 0..n {
        for col in 0..=row {
            l[row * n + col] = f64::from(a[row * stride + col]);
        }
    }
    for j in 0..n {
        for p in 0..j {
            let factor = l[j * n + p];
            for i in j..n {
                l[i * n + j] -= l[i * n + p] * factor;
            }
        }
        let pivot = l[j * n + j];
        // A pivot of the size of the rounding of the block's diagonal carries no digit.
        if pivot.is_nan() || pivot <= f64::from(a[j * stride + j]).abs() * f64::from(f32::EPSILON) * 1e-3 {
            return Err(KernelError::NotPositiveDefinite { pivot: first_pivot + j });
        }
        let root = pivot.sqrt();
        for i in j..n {
            l[i * n + j] /= root;
        }
    }
    let mut w = vec![0.0f64; n * n];
    for i in 0..n {
        let (done, rest) = w.split_at_mut(i * n);
        let row = &mut rest[..n];
        for p in 0..i {
            let factor = l[i * n + p];
            for (sum, &entry) in row[..=p].iter_mut().zip(&done[p * n..=p * n + p]) {
                *sum -= factor * entry;
            }
        }
        let scale = 1.0 / l[i * n + i];
        row[..i].iter_mut().for_each(|entry| *entry *= scale);
        row[i] = scale;
    }
    for row in 0..n {
        for col in 0..=row {
            a[row * stride + col] = w[row * n + col] as f32;
        }
    }
    Ok(())
}
