//! Eigenvectors of a small symmetric matrix.
#![forbid(unsafe_code)]

use crate::error::KernelError;
use nalgebra::{DMatrix, SymmetricEigen};

/// QL steps for one eigenvalue; two are usual.
const MAX_STEPS: usize = 60;
/// Of the largest entry: below it an entry is zero. The library squares entries beside the diagonal, and zero divides
/// them where their squares underflow.
const ZERO_SHARE: f64 = f64::EPSILON * f64::EPSILON;

/// The eigenvalues of a symmetric `n × n` matrix A (row-major, its lower triangle alone is read), falling, and the
/// eigenvectors of the first of them as rows of `vectors`, by `nalgebra`: Householder's reflections to a tridiagonal matrix,
/// then QL steps with Wilkinson's shift (Golub & Van Loan 2013, 8.3). Costs about 9n³ FLOPs and two more matrices.
///
/// # Errors
/// [`KernelError::Shape`] when lengths do not fit, [`KernelError::NotFinite`] when an entry is not finite.
pub fn symmetric_eigen(a: &[f64], values: &mut [f64], vectors: &mut [f64]) -> Result<(), KernelError> {
    let n = values.len();
    if a.len() != n * n || vectors.len() > n * n || (n > 0 && !vectors.len().is_multiple_of(n)) {
        return Err(KernelError::Shape);
    }
    if n == 0 {
        return Ok(());
    }
    let found = SymmetricEigen::try_new(mirrored(a, n)?, f64::EPSILON, MAX_STEPS * n).ok_or(KernelError::NotFinite)?;
    let unsorted = found.eigenvalues.as_slice();
    if unsorted.iter().any(|value| !value.is_finite()) {
        return Err(KernelError::NotFinite);
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| unsorted[j].total_cmp(&unsorted[i]));
    for (value, &from) in values.iter_mut().zip(&order) {
        *value = unsorted[from];
    }
    for (vector, &from) in vectors.chunks_exact_mut(n).zip(&order) {
        vector.copy_from_slice(found.eigenvectors.column(from).as_slice());
    }
    Ok(())
}

/// A with the upper triangle that belongs to its lower one.
fn mirrored(a: &[f64], n: usize) -> Result<DMatrix<f64>, KernelError> {
    let mut largest = 0.0f64;
    for (i, row) in a.chunks_exact(n).enumerate() {
        for entry in &row[..=i] {
            if !entry.is_finite() {
                return Err(KernelError::NotFinite);
            }
            largest = largest.max(entry.abs());
        }
    }
    let smallest = largest * ZERO_SHARE;
    Ok(DMatrix::from_fn(n, n, |i, j| {
        let entry = a[i.max(j) * n + i.min(j)];
        if entry.abs() < smallest {
            0.0
        } else {
            entry
        }
    }))
}
