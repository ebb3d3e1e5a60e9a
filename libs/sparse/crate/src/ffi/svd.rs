//! What the truncated SVD does beside sparse products.

use super::status;
use crate::{eigen, tall};
use core::slice::{from_raw_parts, from_raw_parts_mut};

/// [`eigen::symmetric_eigen`] for the first `count` eigenvectors.
///
/// # Safety
/// `a` holds `n²` doubles, `values` `n`, `vectors` `count · n`.
#[no_mangle]
pub unsafe extern "C" fn symmetric_eigen(
    n: usize,
    count: usize,
    a: *const f64,
    values: *mut f64,
    vectors: *mut f64,
) -> u32 {
    // SAFETY: by contract.
    let (a, values, vectors) =
        unsafe { (from_raw_parts(a, n * n), from_raw_parts_mut(values, n), from_raw_parts_mut(vectors, count * n)) };
    status(eigen::symmetric_eigen(a, values, vectors))
}

/// [`tall::add_cross_gram`] of `rows` rows.
///
/// # Safety
/// `a` holds `rows · m` floats, `b` `rows · n`, `c` `m · n`.
#[no_mangle]
pub unsafe extern "C" fn add_cross_gram(
    rows: usize,
    m: usize,
    n: usize,
    a: *const f32,
    b: *const f32,
    c: *mut f32,
) -> u32 {
    // SAFETY: by contract.
    unsafe {
        let (a, b) = (from_raw_parts(a, rows * m), from_raw_parts(b, rows * n));
        status(tall::add_cross_gram((m, n), a, b, from_raw_parts_mut(c, m * n)))
    }
}

/// [`tall::add_times_small`] of `rows` rows.
///
/// # Safety
/// `a` holds `rows · m` floats, `t` `m · n`, `b` `rows · n`.
#[no_mangle]
pub unsafe extern "C" fn add_times_small(
    rows: usize,
    m: usize,
    n: usize,
    alpha: f32,
    a: *const f32,
    t: *const f32,
    b: *mut f32,
) -> u32 {
    // SAFETY: by contract.
    unsafe {
        let (a, t) = (from_raw_parts(a, rows * m), from_raw_parts(t, m * n));
        status(tall::add_times_small((m, n), alpha, a, t, from_raw_parts_mut(b, rows * n)))
    }
}
