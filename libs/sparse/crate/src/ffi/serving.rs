//! Scores of one user, and the best of them.

use super::matrices::{borrow, RawCsr};
use super::status;
use crate::error::KernelError;
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

/// [`spmm::add_factor_scores`] for `rows` rows of `width` factors.
///
/// # Safety
/// `factors` holds `rows · width` floats, `query` `width`, `scores` `rows`.
#[no_mangle]
pub unsafe extern "C" fn add_factor_scores(
    factors: *const f32,
    rows: usize,
    query: *const f32,
    width: usize,
    scores: *mut f32,
) -> u32 {
    // SAFETY: by contract.
    let (factors, query, scores) = unsafe {
        (from_raw_parts(factors, rows * width), from_raw_parts(query, width), from_raw_parts_mut(scores, rows))
    };
    status(spmm::add_factor_scores(factors, query, scores))
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
