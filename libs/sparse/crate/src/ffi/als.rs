//! Row solves of alternating least squares.

use super::matrices::{borrow, RawCsr};
use super::status;
use crate::als::{self, Systems};
use core::slice::{from_raw_parts, from_raw_parts_mut};

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
