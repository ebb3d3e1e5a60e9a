//! Products of sparse rows with dense or sparse rows.
#![forbid(unsafe_code)]

use crate::csr::Csr;
use crate::error::KernelError;
use crate::rows::add_row;

/// Columns that are summed at a time, in registers.
const WIDE: usize = 32;
const MIDDLE: usize = 16;
const NARROW: usize = 8;

/// One strip's part of Y += X·M: `strip` holds the rows `first_row ..` of M (row-major, `width` columns) and `out` is
/// Y, `x.num_rows() × width`. Entries of X outside of the strip's rows are left to other calls.
///
/// # Errors
/// [`KernelError::Shape`] when lengths do not fit.
pub fn add_sparse_times_strip(
    x: &Csr<'_>,
    first_row: usize,
    strip: &[f32],
    width: usize,
    out: &mut [f32],
) -> Result<(), KernelError> {
    if width == 0 || !strip.len().is_multiple_of(width) || out.len() != x.num_rows() * width {
        return Err(KernelError::Shape);
    }
    let end_row = first_row + strip.len() / width;
    for (row, sums) in out.chunks_exact_mut(width).enumerate() {
        let (columns, values) = x.row(row);
        let from = columns.partition_point(|&column| (column as usize) < first_row);
        let to = columns.partition_point(|&column| (column as usize) < end_row);
        add_row_times_strip((&columns[from..to], &values[from..to]), first_row, strip, sums);
    }
    Ok(())
}

/// out ← scale·X·M + keep·out + shift·N for a dense M (`x.num_cols() × width`) and N of the shape of `out`
/// (`x.num_rows() × width`), all row-major; without N its term is left out.
///
/// # Errors
/// [`KernelError::Shape`] when lengths do not fit.
pub fn sparse_times_panel(
    x: &Csr<'_>,
    panel: &[f32],
    width: usize,
    (scale, keep, shift): (f32, f32, f32),
    addend: Option<&[f32]>,
    out: &mut [f32],
) -> Result<(), KernelError> {
    let fits = |rows: usize, values: &[f32]| values.len() == rows * width;
    if width == 0 || !fits(x.num_cols(), panel) || !fits(x.num_rows(), out) {
        return Err(KernelError::Shape);
    }
    if addend.is_some_and(|addend| addend.len() != out.len()) {
        return Err(KernelError::Shape);
    }
    let mut product = vec![0.0f32; width];
    for (row, sums) in out.chunks_exact_mut(width).enumerate() {
        product.fill(0.0);
        add_row_times_strip(x.row(row), 0, panel, &mut product);
        let kept = |sum: f32| if keep == 0.0 { 0.0 } else { keep * sum };
        match addend {
            Some(addend) => {
                for ((sum, &part), &term) in sums.iter_mut().zip(&product).zip(&addend[row * width..][..width]) {
                    *sum = scale * part + kept(*sum) + shift * term;
                }
            }
            None => {
                for (sum, &part) in sums.iter_mut().zip(&product) {
                    *sum = scale * part + kept(*sum);
                }
            }
        }
    }
    Ok(())
}

/// sums += Σ_e values_e · strip[columns_e − first_row, :]
fn add_row_times_strip((columns, values): (&[u32], &[f32]), first_row: usize, strip: &[f32], sums: &mut [f32]) {
    let width = sums.len();
    let mut at = 0;
    while at + WIDE <= width {
        add_columns::<WIDE>(columns, values, first_row, strip, at, sums);
        at += WIDE;
    }
    while at + MIDDLE <= width {
        add_columns::<MIDDLE>(columns, values, first_row, strip, at, sums);
        at += MIDDLE;
    }
    while at + NARROW <= width {
        add_columns::<NARROW>(columns, values, first_row, strip, at, sums);
        at += NARROW;
    }
    while at < width {
        add_columns::<1>(columns, values, first_row, strip, at, sums);
        at += 1;
    }
}

/// The part of the columns `at ..< at + N`.
#[inline(always)]
fn add_columns<const N: usize>(
    columns: &[u32],
    values: &[f32],
    first_row: usize,
    strip: &[f32],
    at: usize,
    sums: &mut [f32],
) {
    let width = sums.len();
    let mut parts = [0.0f32; N];
    parts.copy_from_slice(&sums[at..at + N]);
    for (&column, &value) in columns.iter().zip(values) {
        let start = (column as usize - first_row) * width + at;
        for (part, &entry) in parts.iter_mut().zip(&strip[start..start + N]) {
            *part += value * entry;
        }
    }
    sums[at..at + N].copy_from_slice(&parts);
}

/// scores ← Σ_j weights_j · B[items_j, :]. `scores` has one entry a column of `b` and is overwritten.
///
/// # Errors
/// [`KernelError::Shape`] when lengths disagree, [`KernelError::Index`] when an item is not a row of `b`.
pub fn score_history(b: &Csr<'_>, items: &[u32], weights: &[f32], scores: &mut [f32]) -> Result<(), KernelError> {
    if items.len() != weights.len() || scores.len() != b.num_cols() {
        return Err(KernelError::Shape);
    }
    if items.iter().any(|&item| item as usize >= b.num_rows()) {
        return Err(KernelError::Index);
    }
    scores.fill(0.0);
    for (&item, &weight) in items.iter().zip(weights) {
        add_row(b, item as usize, weight, scores);
    }
    Ok(())
}

/// The diagonal of XᵀMX, one strip's part: `out[j] ← Σ_v x_vj Σ_u M_vu x_uj` over the rows v of the strip, which holds the
/// rows `first_row ..` of M (row-major, `x.num_rows()` columns); in double precision. `xt` is Xᵀ.
///
/// # Errors
/// [`KernelError::Shape`] when lengths do not fit.
pub fn quadratic_diagonal_strip(
    x: &Csr<'_>,
    xt: &Csr<'_>,
    first_row: usize,
    strip: &[f32],
    out: &mut [f64],
) -> Result<(), KernelError> {
    let width = x.num_rows();
    if width == 0 || !strip.len().is_multiple_of(width) || out.len() != x.num_cols() || xt.num_cols() != width {
        return Err(KernelError::Shape);
    }
    if first_row + strip.len() / width > width || xt.num_rows() != x.num_cols() {
        return Err(KernelError::Shape);
    }
    out.fill(0.0);
    for (offset, entries) in strip.chunks_exact(width).enumerate() {
        let (columns, values) = x.row(first_row + offset);
        for (&column, &value) in columns.iter().zip(values) {
            let (rows, weights) = xt.row(column as usize);
            let terms = rows.iter().zip(weights).map(|(&row, &weight)| f64::from(entries[row as usize] * weight));
            out[column as usize] += f64::from(value) * terms.sum::<f64>();
        }
    }
    Ok(())
}
