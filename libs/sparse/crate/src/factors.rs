//! Products of factors with a query: they are read as they are stored, and computed with as floats.
#![forbid(unsafe_code)]

use crate::error::KernelError;
use crate::lanes::{Lanes, Stored, LANES};

/// Rows that share the loads of the query.
const ROWS: usize = 2;

/// A matrix F as it is stored, row-major.
#[derive(Debug, Clone, Copy)]
pub enum Factors<'a> {
    /// F itself.
    Floats(&'a [f32]),
    /// F = diag(scales)·rows.
    Bytes {
        /// Whole numbers.
        rows: &'a [i8],
        /// One a row.
        scales: &'a [f32],
    },
}

/// scores ← scores + F·q for F of `scores.len() × q.len()`. The order of summation depends on the length of q alone.
///
/// # Errors
/// [`KernelError::Shape`] when lengths do not fit.
pub fn add_factor_scores(factors: Factors<'_>, query: &[f32], scores: &mut [f32]) -> Result<(), KernelError> {
    let (length, num_scales) = match factors {
        Factors::Floats(rows) => (rows.len(), scores.len()),
        Factors::Bytes { rows, scales } => (rows.len(), scales.len()),
    };
    if length != scores.len() * query.len() || num_scales != scores.len() {
        return Err(KernelError::Shape);
    }
    match factors {
        Factors::Floats(rows) => for_each_product(rows, query, |row, product| scores[row] += product),
        Factors::Bytes { rows, scales } => {
            for_each_product(rows, query, |row, product| scores[row] += scales[row] * product);
        }
    }
    Ok(())
}

/// The product of each row with the query; a query of no numbers has none.
fn for_each_product<T: Stored>(rows: &[T], query: &[f32], mut take: impl FnMut(usize, f32)) {
    let width = query.len();
    if width == 0 {
        return;
    }
    let groups = rows.chunks_exact(ROWS * width);
    let (rest, num_grouped) = (groups.remainder(), ROWS * groups.len());
    for (group, first) in groups.zip((0..).step_by(ROWS)) {
        let products = dots::<T, ROWS>(core::array::from_fn(|offset| &group[offset * width..][..width]), query);
        products.into_iter().enumerate().for_each(|(offset, product)| take(first + offset, product));
    }
    for (offset, row) in rest.chunks_exact(width).enumerate() {
        let [product] = dots([row], query);
        take(num_grouped + offset, product);
    }
}

/// Products of rows, each as long as the query; each is the same whatever the other rows.
#[inline(always)]
fn dots<T: Stored, const N: usize>(mut rows: [&[T]; N], mut query: &[f32]) -> [f32; N] {
    let mut sums = [Lanes::ZERO; N];
    while let Some((block, query_rest)) = query.split_first_chunk::<LANES>() {
        let factor = f32::widen(block);
        for (sum, row) in sums.iter_mut().zip(&mut rows) {
            let Some((stored, row_rest)) = row.split_first_chunk::<LANES>() else { break };
            *sum = sum.plus_product(T::widen(stored), factor);
            *row = row_rest;
        }
        query = query_rest;
    }
    core::array::from_fn(|at| {
        let rest = rows[at].iter().zip(query).map(|(&x, y)| x.into() * y);
        sums[at].sum() + rest.sum::<f32>()
    })
}
