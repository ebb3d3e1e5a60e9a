//! Products of tall matrices of few columns. Operands are read where they lie: to pack them would take as long as the
//! product.
#![forbid(unsafe_code)]

use crate::error::KernelError;
use crate::simd::{multiply_strided, Strided, MR, NR};

/// Rows that are summed before the next columns come: those of two matrices of 32 columns stay in the first-level cache.
const DEPTH: usize = 64;

/// C ← C + AᵀB for row-major A `rows × m`, B `rows × n`, C `m × n`. The order of summation depends on the shapes alone.
///
/// # Errors
/// [`KernelError::Shape`] when lengths do not fit.
pub fn add_cross_gram((m, n): (usize, usize), a: &[f32], b: &[f32], c: &mut [f32]) -> Result<(), KernelError> {
    if m == 0
        || n == 0
        || c.len() != m * n
        || !a.len().is_multiple_of(m)
        || !b.len().is_multiple_of(n)
        || a.len() / m != b.len() / n
    {
        return Err(KernelError::Shape);
    }
    for (a, b) in a.chunks(DEPTH * m).zip(b.chunks(DEPTH * n)) {
        let (left, right) = (Strided { data: a, row: 1, depth: m }, Strided { data: b, row: 1, depth: n });
        add_product((m, n, a.len() / m), 1.0, left, right, c);
    }
    Ok(())
}

/// B ← B + α·A·T for row-major A `rows × m`, T `m × n`, B `rows × n`.
///
/// # Errors
/// [`KernelError::Shape`] when lengths do not fit.
pub fn add_times_small(
    (m, n): (usize, usize),
    alpha: f32,
    a: &[f32],
    t: &[f32],
    b: &mut [f32],
) -> Result<(), KernelError> {
    if m == 0
        || n == 0
        || t.len() != m * n
        || !a.len().is_multiple_of(m)
        || !b.len().is_multiple_of(n)
        || a.len() / m != b.len() / n
    {
        return Err(KernelError::Shape);
    }
    let (left, right) = (Strided { data: a, row: m, depth: 1 }, Strided { data: t, row: 1, depth: n });
    add_product((a.len() / m, n, m), alpha, left, right, b);
    Ok(())
}

/// C ← C + α·Σ_p A(i, p)·B(p, j) for C `m × n`, row-major.
fn add_product((m, n, depth): (usize, usize, usize), alpha: f32, a: Strided<'_>, b: Strided<'_>, c: &mut [f32]) {
    for top in (0..m).step_by(MR) {
        for left in (0..n).step_by(NR) {
            if top + MR > m || left + NR > n {
                let rows = top..m.min(top + MR);
                add_entries((rows, left..n.min(left + NR), depth), alpha, (a, b), (c, n));
                continue;
            }
            let sums = multiply_strided(a.from(top), b.from(left), depth);
            for (i, row) in sums.iter().enumerate() {
                let at = (top + i) * n + left;
                for (entry, &sum) in c[at..at + NR].iter_mut().zip(row) {
                    *entry += alpha * sum;
                }
            }
        }
    }
}

/// The entries of a block at the border, one by one.
fn add_entries(
    (rows, columns, depth): (core::ops::Range<usize>, core::ops::Range<usize>, usize),
    alpha: f32,
    (a, b): (Strided<'_>, Strided<'_>),
    (c, n): (&mut [f32], usize),
) {
    for i in rows {
        for j in columns.clone() {
            let terms = (0..depth).map(|p| a.at(i, p) * b.at(j, p));
            c[i * n + j] += alpha * terms.sum::<f32>();
        }
    }
}
