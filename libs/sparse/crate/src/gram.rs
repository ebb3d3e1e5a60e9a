//! Gram matrix of a sparse matrix.
#![forbid(unsafe_code)]

use crate::csr::Csr;
use crate::error::KernelError;

/// Rows `first_row .. first_row + num_rows` of G = XᵀX, left of and on the diagonal: `strip[r, j] = G[first_row + r, j]`
/// for `j <= first_row + r`, and 0 to the right of it. `strip` is row-major with `x.num_cols()` columns and is overwritten.
/// `xt` is Xᵀ. Counts below 2²⁴ come out exact.
///
/// # Errors
/// [`KernelError::Shape`] when the strip or `xt` does not fit `x`.
pub fn gram_strip(x: &Csr<'_>, xt: &Csr<'_>, first_row: usize, strip: &mut [f32]) -> Result<(), KernelError> {
    let width = x.num_cols();
    if xt.num_rows() != width || xt.num_cols() != x.num_rows() || width == 0 || !strip.len().is_multiple_of(width) {
        return Err(KernelError::Shape);
    }
    if first_row + strip.len() / width > width {
        return Err(KernelError::Shape);
    }
    strip.fill(0.0);
    for (offset, out) in strip.chunks_exact_mut(width).enumerate() {
        let item = first_row + offset;
        let (users, weights) = xt.row(item);
        for (&user, &weight) in users.iter().zip(weights) {
            let (columns, values) = x.row(user as usize);
            for (&column, &value) in columns.iter().zip(values).take_while(|(&column, _)| column as usize <= item) {
                out[column as usize] += weight * value;
            }
        }
    }
    Ok(())
}
