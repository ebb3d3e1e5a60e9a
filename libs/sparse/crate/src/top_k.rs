//! Selection of the best of many scores.
#![forbid(unsafe_code)]

use crate::csr::Csr;
use crate::error::KernelError;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use core::arch::wasm32::{self as simd, v128};

/// Scores that are passed over together where their largest is too small.
const BLOCK: usize = 64;
/// Scores that are compared together.
const GROUP: usize = 16;
/// Maxima that are kept of a block: of every fourth of its scores.
const MAXIMA: usize = 4;
/// Where there are this many columns for each entry of a history's rows, only columns with an entry are looked at.
const COLUMNS_PER_ENTRY: usize = 16;

/// The best indices by `scores` among those with `allowed[i] != 0`, best first, ties to the lower index.
/// Fills `out` from the front and returns how many there are: the smaller of `out.len()` and the number allowed.
/// A zero of either sign counts as the same score, and is positive in `scores` where it is among the best; what is not a
/// number counts as −∞.
///
/// # Errors
/// [`KernelError::Shape`] when `scores` and `allowed` differ in length.
pub fn top_k(scores: &mut [f32], allowed: &[u8], out: &mut [u32]) -> Result<usize, KernelError> {
    if scores.len() != allowed.len() {
        return Err(KernelError::Shape);
    }
    if out.is_empty() {
        return Ok(0);
    }
    Ok(scan(scores, allowed, out.len()).write(scores, out))
}

/// [`top_k`] of `scores` that are zero wherever none of the rows `items` of `b` has an entry. Where these are few beside
/// the columns and k scores are not negative, the others are not looked at. What `allowed` holds afterwards is undefined.
///
/// # Errors
/// [`KernelError::Shape`] when lengths disagree, [`KernelError::Index`] when an item is not a row of `b`.
pub fn top_k_of_rows(
    b: &Csr<'_>,
    items: &[u32],
    scores: &mut [f32],
    allowed: &mut [u8],
    out: &mut [u32],
) -> Result<usize, KernelError> {
    if scores.len() != b.num_cols() || allowed.len() != scores.len() {
        return Err(KernelError::Shape);
    }
    if items.iter().any(|&item| item as usize >= b.num_rows()) {
        return Err(KernelError::Index);
    }
    let entries: usize = items.iter().map(|&item| b.row(item as usize).0.len()).sum();
    if !out.is_empty() && entries.saturating_mul(COLUMNS_PER_ENTRY) <= scores.len() {
        if let Some(best) = follow_entries(b, items, scores, allowed, out.len()) {
            return Ok(best.write(scores, out));
        }
    }
    top_k(scores, allowed, out)
}

/// Larger for better: by score, then to the lower index.
fn rank(score: f32, index: u32) -> u64 {
    (u64::from(order_of(score)) << 32) | u64::from(!index)
}

/// Rises with the score.
fn order_of(score: f32) -> u32 {
    let number = if score > f32::NEG_INFINITY { score + 0.0 } else { f32::NEG_INFINITY };
    let bits = number.to_bits();
    bits ^ (((bits as i32) >> 31) as u32 | 1 << 31)
}

/// The score of [`order_of`].
fn score_of(order: u32) -> f32 {
    f32::from_bits(order ^ ((!(order as i32) >> 31) as u32 | 1 << 31))
}

/// The k best of what was offered are among those that are kept.
struct Best {
    k: usize,
    kept: Vec<u64>,
    /// What does not rank higher has no place.
    least: u64,
    /// Whether `least` is one of k that were kept.
    is_full: bool,
}

impl Best {
    fn new(k: usize, available: usize, least: u64) -> Self {
        Self { k, kept: Vec::with_capacity(2 * k.min(available)), least, is_full: false }
    }

    /// Whether it is kept for now.
    #[inline(always)]
    fn offer(&mut self, rank: u64) -> bool {
        let is_better = rank > self.least;
        if is_better {
            self.kept.push(rank);
            if self.kept.len() == 2 * self.k {
                self.drop_others();
            }
        }
        is_better
    }

    #[inline(never)]
    fn drop_others(&mut self) {
        if self.kept.len() > self.k {
            self.kept.select_nth_unstable_by(self.k - 1, |a, b| b.cmp(a));
            self.kept.truncate(self.k);
            self.least = self.kept[self.k - 1];
            self.is_full = true;
        }
    }

    /// For what is offered in order of its index, so that an equal of the k-th comes too late.
    fn bar(&self) -> Bar {
        Bar { score: score_of((self.least >> 32) as u32), is_passed_by_equals: !self.is_full }
    }

    fn write(mut self, scores: &mut [f32], out: &mut [u32]) -> usize {
        self.drop_others();
        self.kept.sort_unstable_by(|a, b| b.cmp(a));
        for (slot, &rank) in out.iter_mut().zip(&self.kept) {
            *slot = !(rank as u32);
            scores[*slot as usize] += 0.0;
        }
        self.kept.len()
    }
}

/// Of all scores.
fn scan(scores: &[f32], allowed: &[u8], k: usize) -> Best {
    let maxima = largest_of_blocks(scores, allowed);
    let mut best = Best::new(k, scores.len(), u64::from(order_of(least_certain(&maxima, k))) << 32);
    let mut bar = best.bar();
    for (block, largest) in maxima.chunks_exact(MAXIMA).enumerate() {
        if !largest.iter().any(|&score| bar.is_passed_by(score)) {
            continue;
        }
        for first in (block * BLOCK..(block + 1) * BLOCK).step_by(GROUP) {
            let mut passing = passing(bar, &scores[first..first + GROUP], &allowed[first..first + GROUP]);
            while passing != 0 {
                let index = first + passing.trailing_zeros() as usize;
                passing &= passing - 1;
                best.offer(rank(scores[index], index as u32));
            }
            bar = best.bar();
        }
    }
    let rest = maxima.len() / MAXIMA * BLOCK;
    for index in (rest..scores.len()).filter(|&index| allowed[index] != 0) {
        best.offer(rank(scores[index], index as u32));
    }
    best
}

/// For each whole block [`MAXIMA`] largest allowed scores, −∞ where there is none.
fn largest_of_blocks(scores: &[f32], allowed: &[u8]) -> Vec<f32> {
    let mut maxima = vec![f32::NEG_INFINITY; scores.len() / BLOCK * MAXIMA];
    let blocks = scores.chunks_exact(BLOCK).zip(allowed.chunks_exact(BLOCK));
    for (largest, (scores, allowed)) in maxima.chunks_exact_mut(MAXIMA).zip(blocks) {
        largest.copy_from_slice(&largest_of_block(scores, allowed));
    }
    maxima
}

/// A score that k others reach for certain, since each maximum is another's.
fn least_certain(maxima: &[f32], k: usize) -> f32 {
    if maxima.len() < k {
        return f32::NEG_INFINITY;
    }
    let mut orders: Vec<u32> = maxima.iter().map(|&score| order_of(score)).collect();
    score_of(*orders.select_nth_unstable_by(k - 1, |a, b| b.cmp(a)).1)
}

/// What a score must reach to be looked at.
#[derive(Clone, Copy)]
struct Bar {
    score: f32,
    is_passed_by_equals: bool,
}

impl Bar {
    fn is_passed_by(&self, score: f32) -> bool {
        if self.is_passed_by_equals {
            score >= self.score
        } else {
            score > self.score
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
fn largest_of_block(scores: &[f32], allowed: &[u8]) -> [f32; MAXIMA] {
    let mut largest = [f32::NEG_INFINITY; MAXIMA];
    for (at, (&score, _)) in scores.iter().zip(allowed).enumerate().filter(|(_, (_, &flag))| flag != 0) {
        largest[at % MAXIMA] = largest[at % MAXIMA].max(score);
    }
    largest
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
fn largest_of_block(scores: &[f32], allowed: &[u8]) -> [f32; MAXIMA] {
    let mut largest = simd::f32x4_splat(f32::NEG_INFINITY);
    for (scores, allowed) in scores.chunks_exact(GROUP).zip(allowed.chunks_exact(GROUP)) {
        let excluded = simd::i8x16_eq(sixteen(allowed), simd::i8x16_splat(0));
        let (low, high) = (simd::i16x8_extend_low_i8x16(excluded), simd::i16x8_extend_high_i8x16(excluded));
        let mut take = |at: usize, excluded: v128| {
            let score = simd::v128_bitselect(simd::f32x4_splat(f32::NEG_INFINITY), four(scores, at), excluded);
            largest = simd::f32x4_pmax(largest, score);
        };
        take(0, simd::i32x4_extend_low_i16x8(low));
        take(4, simd::i32x4_extend_high_i16x8(low));
        take(8, simd::i32x4_extend_low_i16x8(high));
        take(12, simd::i32x4_extend_high_i16x8(high));
    }
    [
        simd::f32x4_extract_lane::<0>(largest),
        simd::f32x4_extract_lane::<1>(largest),
        simd::f32x4_extract_lane::<2>(largest),
        simd::f32x4_extract_lane::<3>(largest),
    ]
}

/// A bit for each allowed score of a group that passes the bar.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
fn passing(bar: Bar, scores: &[f32], allowed: &[u8]) -> u32 {
    let passes = |(&score, &flag): (&f32, &u8)| flag != 0 && bar.is_passed_by(score.max(f32::NEG_INFINITY));
    scores.iter().zip(allowed).map(passes).enumerate().fold(0, |bits, (at, bit)| bits | u32::from(bit) << at)
}

/// A bit for each allowed score of a group that passes the bar.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
fn passing(bar: Bar, scores: &[f32], allowed: &[u8]) -> u32 {
    let (least, lowest) = (simd::f32x4_splat(bar.score), simd::f32x4_splat(f32::NEG_INFINITY));
    let passes = |at: usize| {
        let numbers = simd::f32x4_pmax(lowest, four(scores, at));
        if bar.is_passed_by_equals {
            simd::f32x4_ge(numbers, least)
        } else {
            simd::f32x4_gt(numbers, least)
        }
    };
    let low = simd::i16x8_narrow_i32x4(passes(0), passes(4));
    let high = simd::i16x8_narrow_i32x4(passes(8), passes(12));
    let is_allowed = simd::i8x16_ne(sixteen(allowed), simd::i8x16_splat(0));
    u32::from(simd::i8x16_bitmask(simd::v128_and(simd::i8x16_narrow_i16x8(low, high), is_allowed)))
}

/// One load, in the end.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
fn four(scores: &[f32], at: usize) -> v128 {
    let scores = &scores[at..at + 4];
    simd::f32x4(scores[0], scores[1], scores[2], scores[3])
}

/// Two loads, in the end.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
fn sixteen(flags: &[u8]) -> v128 {
    let (low, high) = flags.split_at(8);
    let word = |flags: &[u8]| flags.try_into().map_or(0, u64::from_le_bytes);
    simd::u64x2(word(low), word(high))
}

/// The positive scores of columns with an entry and, where they are fewer than k, the first zeros. `None` when there are
/// not enough of those at the front.
fn follow_entries(b: &Csr<'_>, items: &[u32], scores: &[f32], allowed: &mut [u8], k: usize) -> Option<Best> {
    let mut best = Best::new(k, scores.len(), rank(0.0, 0));
    for &item in items {
        for &column in b.row(item as usize).0 {
            let index = column as usize;
            // What is kept is not offered again by another row's entry.
            if allowed[index] != 0 && best.offer(rank(scores[index], column)) {
                allowed[index] = 0;
            }
        }
    }
    if best.kept.len() < k {
        let zeros = (0..scores.len() / COLUMNS_PER_ENTRY).filter(|&index| allowed[index] != 0 && scores[index] == 0.0);
        let missing = k - best.kept.len();
        best.kept.extend(zeros.take(missing).map(|index| rank(0.0, index as u32)));
    }
    if best.kept.len() >= k {
        return Some(best);
    }
    for &rank in &best.kept {
        allowed[!(rank as u32) as usize] = 1;
    }
    None
}
