//! Similarities between the columns of a sparse matrix, row by row, without the dense product.
#![forbid(unsafe_code)]

use crate::csr::Csr;
use crate::error::KernelError;
use crate::largest::keep_largest;

/// How a sum of products g = Σ_u x_uj·x_uk becomes a similarity: s_jk = sign(g)·(|g| / (n_j·n_k + h))^p.
#[derive(Debug, Clone, Copy)]
pub struct Similarity<'a> {
    /// n, one a column.
    pub norms: &'a [f32],
    /// h
    pub shrinkage: f32,
    /// p, above 0
    pub power: f32,
}

/// Rows `first_row .. first_row + counts.len()` of S: of each the `keep` entries of largest magnitude, without the
/// diagonal and without pairs whose sum is 0; ties to the lower column. `xt` is Xᵀ. Row r's entries go to
/// `columns[r·keep ..]` and `values[r·keep ..]`, columns ascending, and their number to `counts[r]`. Sums run over the
/// rows of X in their order.
///
/// # Errors
/// [`KernelError::Shape`] when lengths do not fit.
pub fn nearest_columns(
    x: &Csr<'_>,
    xt: &Csr<'_>,
    first_row: usize,
    similarity: Similarity<'_>,
    keep: usize,
    (columns, values, counts): (&mut [u32], &mut [f32], &mut [u32]),
) -> Result<(), KernelError> {
    let (width, rows) = (x.num_cols(), counts.len());
    if xt.num_rows() != width || xt.num_cols() != x.num_rows() || similarity.norms.len() != width {
        return Err(KernelError::Shape);
    }
    if first_row + rows > width || columns.len() != rows * keep || values.len() != rows * keep {
        return Err(KernelError::Shape);
    }
    let Similarity { norms, shrinkage, power } = similarity;
    let mut sums = vec![0.0f32; width];
    let mut met_at = vec![usize::MAX; width];
    let mut met: Vec<u32> = Vec::with_capacity(width);
    for (row, count) in counts.iter_mut().enumerate() {
        let item = first_row + row;
        add_row(x, xt, item, (&mut sums, &mut met_at, &mut met));
        for &other in &met {
            sums[other as usize] /= norms[item] * norms[other as usize] + shrinkage;
        }
        keep_largest(&mut met, &sums, keep);
        *count = met.len() as u32;
        for (slot, &column) in met.iter().enumerate() {
            let share = sums[column as usize];
            columns[row * keep + slot] = column;
            values[row * keep + slot] = if power == 1.0 { share } else { share.signum() * share.abs().powf(power) };
        }
    }
    Ok(())
}

/// sums ← row `item` of XᵀX in the columns `met`: those other than `item` whose sum is not 0. `met_at` marks, by item, the
/// columns whose sum is this row's.
fn add_row(x: &Csr<'_>, xt: &Csr<'_>, item: usize, (sums, met_at, met): (&mut [f32], &mut [usize], &mut Vec<u32>)) {
    met.clear();
    let (users, weights) = xt.row(item);
    for (&user, &weight) in users.iter().zip(weights) {
        let (columns, values) = x.row(user as usize);
        for (&column, &value) in columns.iter().zip(values) {
            let at = column as usize;
            if met_at[at] != item {
                met_at[at] = item;
                sums[at] = 0.0;
                met.push(column);
            }
            sums[at] += weight * value;
        }
    }
    met.retain(|&column| column as usize != item && sums[column as usize] != 0.0);
}
