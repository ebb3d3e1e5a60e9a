//! Scores of one user, and the best of them.

use super::matrices::{borrow, RawCsr};
use super::status;
use crate::error::KernelError;
use crate::factors::{self, Factors};
use crate::{best, spmm};
use core::slice::{from_raw_parts, from_raw_parts_mut};

/// [`spmm::score_history`].
///
/// # Safety
/// `b` was checked; `items` and `weights` hold `len` entries, `scores` one a column.
#[no_mangle]
pub unsafe extern "C" fn score_history(
    b: *const RawCsr,
    items: *const u32,
    weights: *const f32,
    len: usize,
    scores: *mut f32,
) -> u32 {
    // SAFETY: by contract.
    status(unsafe {
        borrow(b).and_then(|b| {
            let scores = from_raw_parts_mut(scores, b.num_cols());
            spmm::score_history(&b, from_raw_parts(items, len), from_raw_parts(weights, len), scores)
        })
    })
}

/// Factors in memory: floats, or int8 where there are scales.
#[repr(C)]
pub struct RawFactors {
    num_rows: usize,
    width: usize,
    rows: *const u8,
    scales: *const f32,
}

/// # Safety
/// `raw` describes memory that lives for `'a`, with rows aligned to their type.
unsafe fn borrow_factors<'a>(raw: &RawFactors) -> Factors<'a> {
    let length = raw.num_rows * raw.width;
    // SAFETY: by contract.
    unsafe {
        if raw.scales.is_null() {
            return Factors::Floats(from_raw_parts(raw.rows.cast(), length));
        }
        let scales = from_raw_parts(raw.scales, raw.num_rows);
        Factors::Bytes { rows: from_raw_parts(raw.rows.cast(), length), scales }
    }
}

/// [`factors::add_factor_scores`].
///
/// # Safety
/// `factors` describes memory of this instance; `query` holds one float a column, `scores` one a row.
#[no_mangle]
pub unsafe extern "C" fn add_factor_scores(factors: *const RawFactors, query: *const f32, scores: *mut f32) -> u32 {
    // SAFETY: by contract.
    status(unsafe {
        let raw = &*factors;
        let (query, scores) = (from_raw_parts(query, raw.width), from_raw_parts_mut(scores, raw.num_rows));
        factors::add_factor_scores(borrow_factors(raw), query, scores)
    })
}

/// [`best::top_k`] over `len` scores; writes the number found to `found`.
///
/// # Safety
/// `scores` and `allowed` hold `len` entries, `out` holds `k`.
#[no_mangle]
pub unsafe extern "C" fn top_k(
    scores: *mut f32,
    allowed: *const u8,
    len: usize,
    out: *mut u32,
    k: usize,
    found: *mut u32,
) -> u32 {
    // SAFETY: by contract.
    let (scores, allowed, out) =
        unsafe { (from_raw_parts_mut(scores, len), from_raw_parts(allowed, len), from_raw_parts_mut(out, k)) };
    // SAFETY: by contract.
    unsafe { count(best::top_k(scores, allowed, out), found) }
}

/// [`best::top_k_of_rows`]; writes the number found to `found`.
///
/// # Safety
/// `b` was checked; `items` holds `len` entries, `scores` and `allowed` one a column, `out` holds `k`.
#[no_mangle]
pub unsafe extern "C" fn top_k_of_rows(
    b: *const RawCsr,
    items: *const u32,
    len: usize,
    scores: *mut f32,
    allowed: *mut u8,
    out: *mut u32,
    k: usize,
    found: *mut u32,
) -> u32 {
    // SAFETY: by contract.
    unsafe {
        let result = borrow(b).and_then(|b| {
            let columns = b.num_cols();
            let (scores, allowed) = (from_raw_parts_mut(scores, columns), from_raw_parts_mut(allowed, columns));
            best::top_k_of_rows(&b, from_raw_parts(items, len), scores, allowed, from_raw_parts_mut(out, k))
        });
        count(result, found)
    }
}

/// # Safety
/// `found` is one writable number.
unsafe fn count(result: Result<usize, KernelError>, found: *mut u32) -> u32 {
    if let Ok(number) = result {
        // SAFETY: by contract.
        unsafe { *found = number as u32 };
    }
    status(result.map(|_| ()))
}
