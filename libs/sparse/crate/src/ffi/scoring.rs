//! Scores of users, and the best of them.

use super::memory::{RawCsr, RawFactors, RawSlice};
use super::status;
use crate::error::KernelError;
use crate::largest::{self, BestColumns};
use crate::{factors, spmm, top_k};

/// [`spmm::score_history`]: `items` and `weights` hold `len` entries, `scores` one a column.
#[no_mangle]
pub extern "C" fn score_history(
    b: RawSlice<RawCsr>,
    items: RawSlice<u32>,
    weights: RawSlice<f32>,
    len: usize,
    scores: RawSlice<f32>,
) -> u32 {
    status(
        b.borrow()
            .and_then(|b| spmm::score_history(&b, items.read(len), weights.read(len), scores.write(b.num_cols()))),
    )
}

/// [`factors::add_factor_scores`]: `query` holds one float a column of the factors, `scores` one a row.
#[no_mangle]
pub extern "C" fn add_factor_scores(factors: RawSlice<RawFactors>, query: RawSlice<f32>, scores: RawSlice<f32>) -> u32 {
    let raw = factors.get();
    status(factors::add_factor_scores(raw.borrow(), query.read(raw.width), scores.write(raw.num_rows)))
}

/// [`top_k::top_k`] over `len` scores, as many flags `allowed`, and room `out` for `k`; writes the number found to `found`.
#[no_mangle]
pub extern "C" fn top_k(
    scores: RawSlice<f32>,
    allowed: RawSlice<u8>,
    len: usize,
    out: RawSlice<u32>,
    k: usize,
    found: RawSlice<u32>,
) -> u32 {
    put_count(top_k::top_k(scores.write(len), allowed.read(len), out.write(k)), found)
}

/// [`top_k::top_k_of_rows`]: `items` holds `len` entries, `scores` and `allowed` one a column, `out` room for `k`; writes the
/// number found to `found`.
#[no_mangle]
pub extern "C" fn top_k_of_rows(
    b: RawSlice<RawCsr>,
    items: RawSlice<u32>,
    len: usize,
    scores: RawSlice<f32>,
    allowed: RawSlice<u8>,
    out: RawSlice<u32>,
    k: usize,
    found: RawSlice<u32>,
) -> u32 {
    let result = b.borrow().and_then(|b| {
        let columns = b.num_cols();
        top_k::top_k_of_rows(&b, items.read(len), scores.write(columns), allowed.write(columns), out.write(k))
    });
    put_count(result, found)
}

fn put_count(result: Result<usize, KernelError>, found: RawSlice<u32>) -> u32 {
    status(result.map(|number| found.put(number as u32)))
}

/// [`largest::rank_strip`] for `width` columns: `strip` holds `x.num_cols × width` floats, `scale` `width`, `columns` and
/// `scores` `x.num_rows × k`, `counts` `x.num_rows`.
#[no_mangle]
pub extern "C" fn rank_strip(
    x: RawSlice<RawCsr>,
    first_column: usize,
    strip: RawSlice<f32>,
    scale: RawSlice<f32>,
    width: usize,
    k: usize,
    columns: RawSlice<u32>,
    scores: RawSlice<f32>,
    counts: RawSlice<u32>,
) -> u32 {
    status(x.borrow().and_then(|x| {
        let mut best = BestColumns {
            k,
            columns: columns.write(x.num_rows() * k),
            scores: scores.write(x.num_rows() * k),
            counts: counts.write(x.num_rows()),
        };
        largest::rank_strip(&x, first_column, strip.read(x.num_cols() * width), scale.read(width), &mut best)
    }))
}
