//! Sums of sparse rows.

use crate::csr::Csr;

/// sums[c] += weight · B[row, c] for each entry of the row; the product is rounded before it is added, in every build.
///
/// # Panics
/// When `sums` has not one entry a column of `b`, or there is no such row.
#[inline(always)]
pub(crate) fn add_row(b: &Csr<'_>, row: usize, weight: f32, sums: &mut [f32]) {
    assert!(sums.len() == b.num_cols());
    let (columns, values) = b.row(row);
    let whole = columns.len() / 4 * 4;
    add_fours(&columns[..whole], &values[..whole], weight, sums);
    for (&column, &value) in columns[whole..].iter().zip(&values[whole..]) {
        sums[column as usize] += weight * value;
    }
}

/// Columns are below `sums.len()`, as [`Csr`] has checked.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
#[inline(always)]
fn add_fours(columns: &[u32], values: &[f32], weight: f32, sums: &mut [f32]) {
    for (&column, &value) in columns.iter().zip(values) {
        sums[column as usize] += weight * value;
    }
}

/// Columns are below `sums.len()`, as [`Csr`] has checked. Four products at once, and two columns a load.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
fn add_fours(columns: &[u32], values: &[f32], weight: f32, sums: &mut [f32]) {
    use core::arch::wasm32::{f32x4, f32x4_extract_lane, f32x4_mul, f32x4_splat};
    let weights = f32x4_splat(weight);
    for (columns, values) in columns.chunks_exact(4).zip(values.chunks_exact(4)) {
        let products = f32x4_mul(weights, f32x4(values[0], values[1], values[2], values[3]));
        let pairs = columns.as_ptr().cast::<u64>();
        // SAFETY: four columns are two pairs, the first column of each in its low half; loads need no alignment.
        let (first, second) = unsafe { (pairs.read_unaligned(), pairs.add(1).read_unaligned()) };
        let mut add = |column: u64, product: f32| {
            // SAFETY: `Csr::try_new` has refused columns that are not below the number of columns, which is `sums.len()`.
            unsafe { *sums.get_unchecked_mut(column as usize) += product };
        };
        add(first & u64::from(u32::MAX), f32x4_extract_lane::<0>(products));
        add(first >> 32, f32x4_extract_lane::<1>(products));
        add(second & u64::from(u32::MAX), f32x4_extract_lane::<2>(products));
        add(second >> 32, f32x4_extract_lane::<3>(products));
    }
}
