//! Products of sparse matrices.

use super::matrices::{borrow, RawCsr};
use super::status;
use crate::{gram, spmm};
use core::slice::{from_raw_parts, from_raw_parts_mut};

/// [`gram::gram_strip`] for `rows` rows.
///
/// # Safety
/// Both matrices were checked; `strip` holds `rows × num_cols` floats.
#[no_mangle]
pub unsafe extern "C" fn gram_strip(
    x: *const RawCsr,
    xt: *const RawCsr,
    first_row: usize,
    strip: *mut f32,
    rows: usize,
) -> u32 {
    // SAFETY: by contract.
    status(unsafe {
        borrow(x).and_then(|x| {
            let strip = from_raw_parts_mut(strip, rows * x.num_cols());
            gram::gram_strip(&x, &borrow(xt)?, first_row, strip)
        })
    })
}

/// [`spmm::add_sparse_times_strip`] for a strip of `rows` rows and `width` columns.
///
/// # Safety
/// `x` was checked; `strip` holds `rows × width` floats and `out` as many as X has rows times `width`.
#[no_mangle]
pub unsafe extern "C" fn add_sparse_times_strip(
    x: *const RawCsr,
    first_row: usize,
    strip: *const f32,
    rows: usize,
    width: usize,
    out: *mut f32,
) -> u32 {
    // SAFETY: by contract.
    status(unsafe {
        borrow(x).and_then(|x| {
            let out = from_raw_parts_mut(out, x.num_rows() * width);
            spmm::add_sparse_times_strip(&x, first_row, from_raw_parts(strip, rows * width), width, out)
        })
    })
}

/// [`spmm::sparse_times_panel`] for a panel of `width` columns; `addend` may be null.
///
/// # Safety
/// `x` was checked; `panel` holds as many rows as X has columns, `addend` and `out` as many as X has rows, of `width` floats.
#[no_mangle]
pub unsafe extern "C" fn sparse_times_panel(
    x: *const RawCsr,
    panel: *const f32,
    width: usize,
    scale: f32,
    keep: f32,
    addend: *const f32,
    shift: f32,
    out: *mut f32,
) -> u32 {
    // SAFETY: by contract.
    status(unsafe {
        borrow(x).and_then(|x| {
            let length = x.num_rows() * width;
            let addend = if addend.is_null() { None } else { Some(from_raw_parts(addend, length)) };
            let panel = from_raw_parts(panel, x.num_cols() * width);
            let out = from_raw_parts_mut(out, length);
            spmm::sparse_times_panel(&x, panel, width, (scale, keep, shift), addend, out)
        })
    })
}

/// [`spmm::quadratic_diagonal_strip`] for `rows` rows.
///
/// # Safety
/// Both matrices were checked; `strip` holds `rows × x.num_rows` floats and `out` one double a column of X.
#[no_mangle]
pub unsafe extern "C" fn quadratic_diagonal_strip(
    x: *const RawCsr,
    xt: *const RawCsr,
    first_row: usize,
    strip: *const f32,
    rows: usize,
    out: *mut f64,
) -> u32 {
    // SAFETY: by contract.
    status(unsafe {
        borrow(x).and_then(|x| {
            let (strip, out) = (from_raw_parts(strip, rows * x.num_rows()), from_raw_parts_mut(out, x.num_cols()));
            spmm::quadratic_diagonal_strip(&x, &borrow(xt)?, first_row, strip, out)
        })
    })
}
