//! Eigenvectors and filters of Gram matrices that are never made.

use super::memory::{RawCsr, RawSlice};
use super::status;
use crate::{eigen, spmm, tall};

/// [`spmm::sparse_times_panel`] for a panel of `width` columns: it has as many rows as X has columns, `addend` (which may be
/// null) and `out` as many as X has rows.
#[no_mangle]
pub extern "C" fn sparse_times_panel(
    x: RawSlice<RawCsr>,
    panel: RawSlice<f32>,
    width: usize,
    scale: f32,
    keep: f32,
    addend: RawSlice<f32>,
    shift: f32,
    out: RawSlice<f32>,
) -> u32 {
    status(x.borrow().and_then(|x| {
        let length = x.num_rows() * width;
        let (panel, addend) = (panel.read(x.num_cols() * width), addend.read_unless_null(length));
        spmm::sparse_times_panel(&x, panel, width, (scale, keep, shift), addend, out.write(length))
    }))
}

/// [`eigen::symmetric_eigen`] for the first `count` eigenvectors: `a` holds `n²` doubles, `values` `n`, `vectors`
/// `count · n`.
#[no_mangle]
pub extern "C" fn symmetric_eigen(
    n: usize,
    count: usize,
    a: RawSlice<f64>,
    values: RawSlice<f64>,
    vectors: RawSlice<f64>,
) -> u32 {
    status(eigen::symmetric_eigen(a.read(n * n), values.write(n), vectors.write(count * n)))
}

/// [`tall::add_cross_gram`] of `rows` rows: `a` holds `rows · m` floats, `b` `rows · n`, `c` `m · n`.
#[no_mangle]
pub extern "C" fn add_cross_gram(
    rows: usize,
    m: usize,
    n: usize,
    a: RawSlice<f32>,
    b: RawSlice<f32>,
    c: RawSlice<f32>,
) -> u32 {
    status(tall::add_cross_gram((m, n), a.read(rows * m), b.read(rows * n), c.write(m * n)))
}

/// [`tall::add_times_small`] of `rows` rows: `a` holds `rows · m` floats, `t` `m · n`, `b` `rows · n`.
#[no_mangle]
pub extern "C" fn add_times_small(
    rows: usize,
    m: usize,
    n: usize,
    alpha: f32,
    a: RawSlice<f32>,
    t: RawSlice<f32>,
    b: RawSlice<f32>,
) -> u32 {
    status(tall::add_times_small((m, n), alpha, a.read(rows * m), t.read(m * n), b.write(rows * n)))
}
