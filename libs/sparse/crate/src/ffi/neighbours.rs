//! The best columns of each row.

use super::matrices::{borrow, RawCsr};
use super::status;
use crate::similarity::{self, Similarity};
use crate::topk::{self, BestColumns};
use core::slice::{from_raw_parts, from_raw_parts_mut};

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
