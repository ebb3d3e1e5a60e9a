//! The best of many scores against a full sort, on seeded random input.

mod support;

use sparserec_kernels::csr::Csr;
use sparserec_kernels::error::KernelError;
use sparserec_kernels::spmm::score_history;
use sparserec_kernels::top_k::{top_k, top_k_of_rows};
use support::rng::Rng;
use support::{random_csr, Owned};

const LENGTHS: [usize; 9] = [0, 1, 2, 63, 64, 65, 333, 1_024, 4_099];

fn view(csr: &Owned) -> Csr<'_> {
    Csr::try_new(csr.num_cols, &csr.indptr, &csr.indices, &csr.values).unwrap()
}

/// Zeros are equal, and what is not a number is as low as −∞.
fn comparable(score: f32) -> f32 {
    if score > f32::NEG_INFINITY {
        score + 0.0
    } else {
        f32::NEG_INFINITY
    }
}

fn full_sort(scores: &[f32], allowed: &[u8], k: usize) -> Vec<u32> {
    let mut best: Vec<u32> = (0..scores.len() as u32).filter(|&i| allowed[i as usize] != 0).collect();
    let score = |i: u32| comparable(scores[i as usize]);
    best.sort_by(|&a, &b| score(b).total_cmp(&score(a)).then(a.cmp(&b)));
    best.truncate(k);
    best
}

/// Each is allowed with a chance of one in `rarity`, by a flag of any size.
fn random_mask(rng: &mut Rng, length: usize, rarity: usize) -> Vec<u8> {
    (0..length).map(|_| if rng.below(rarity) == 0 { 1 + rng.below(255) as u8 } else { 0 }).collect()
}

fn bits(scores: &[f32], indices: &[u32]) -> Vec<u32> {
    indices.iter().map(|&i| scores[i as usize].to_bits()).collect()
}

#[track_caller]
fn assert_best(scores: &[f32], allowed: &[u8], k: usize) {
    let expected = full_sort(scores, allowed, k);
    let (mut after, mut out) = (scores.to_vec(), vec![u32::MAX; k]);
    let found = top_k(&mut after, allowed, &mut out).unwrap();
    assert_eq!(out[..found], expected);
    let positive_zeros: Vec<f32> = scores.iter().map(|&score| score + 0.0).collect();
    assert_eq!(bits(&after, &expected), bits(&positive_zeros, &expected));
}

#[test]
fn top_k_equals_a_full_sort() {
    let mut rng = Rng(7);
    for length in LENGTHS {
        for k in [0usize, 1, 3, 20, 256, 5_000] {
            for levels in [1, 3, 1_000_000] {
                for rarity in [1, 2, 40] {
                    let scores: Vec<f32> = (0..length).map(|_| rng.below(levels) as f32 - 1.0).collect();
                    assert_best(&scores, &random_mask(&mut rng, length, rarity), k);
                }
            }
        }
    }
}

#[test]
fn top_k_of_rising_falling_and_late_scores_equals_a_full_sort() {
    for length in LENGTHS {
        let rising: Vec<f32> = (0..length).map(|i| i as f32).collect();
        let falling: Vec<f32> = rising.iter().rev().copied().collect();
        let late: Vec<f32> = (0..length).map(|i| f32::from(u8::from(i + 1 == length))).collect();
        for scores in [rising, falling, late] {
            for k in [1, 20, 256] {
                assert_best(&scores, &vec![1; length], k);
            }
        }
    }
}

#[test]
fn top_k_takes_zeros_of_either_sign_infinities_and_what_is_no_number() {
    let mut rng = Rng(8);
    let odd = [0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, -f32::NAN, f32::MIN_POSITIVE / 2.0, 1.0, -1.0];
    for length in LENGTHS {
        for kinds in [2, 6, odd.len()] {
            let scores: Vec<f32> = (0..length).map(|_| odd[rng.below(kinds)]).collect();
            for k in [1, 30, 5_000] {
                let allowed = random_mask(&mut rng, length, 2);
                let (mut after, mut out) = (scores.clone(), vec![u32::MAX; k]);
                let found = top_k(&mut after, &allowed, &mut out).unwrap();
                assert_eq!(out[..found], full_sort(&scores, &allowed, k));
                assert!(!bits(&after, &out[..found]).contains(&(-0.0f32).to_bits()));
            }
        }
    }
}

#[test]
fn top_k_refuses_a_mask_of_another_length() {
    assert_eq!(top_k(&mut [1.0, 2.0], &[1], &mut [0]), Err(KernelError::Shape));
}

/// Rows of `entries` entries each at random columns; `sign` of them: 0 all positive, 1 both, 2 all negative, 3 all equal.
fn sparse_rows(rng: &mut Rng, rows: usize, num_cols: usize, entries: usize, sign: usize) -> Owned {
    let mut csr = Owned { num_cols, indptr: vec![0], indices: vec![], values: vec![] };
    for _ in 0..rows {
        let mut columns: Vec<u32> = (0..rng.below(entries + 1)).map(|_| rng.below(num_cols) as u32).collect();
        columns.sort_unstable();
        columns.dedup();
        csr.values.extend(columns.iter().map(|_| match sign {
            0 => rng.float().abs(),
            1 => rng.float(),
            2 => -rng.float().abs(),
            _ => 0.5,
        }));
        csr.indices.extend(columns);
        csr.indptr.push(csr.indices.len() as u32);
    }
    csr
}

#[track_caller]
fn assert_best_of_rows(b: &Owned, items: &[u32], weights: &[f32], allowed: &[u8], k: usize) {
    let mut scores = vec![f32::NAN; b.num_cols];
    score_history(&view(b), items, weights, &mut scores).unwrap();
    let (mut full, mut expected) = (scores.clone(), vec![u32::MAX; k]);
    let count = top_k(&mut full, allowed, &mut expected).unwrap();
    let mut out = vec![u32::MAX; k];
    let found = top_k_of_rows(&view(b), items, &mut scores, &mut allowed.to_vec(), &mut out).unwrap();
    assert_eq!(out[..found], expected[..count]);
    assert_eq!(out[..found], full_sort(&full, allowed, k));
    assert_eq!(bits(&scores, &out[..found]), bits(&full, &out[..found]));
}

#[test]
fn the_best_of_rows_are_the_best_of_all() {
    let mut rng = Rng(9);
    for (num_cols, entries) in [(1, 1), (40, 2), (700, 9), (4_099, 60), (4_099, 900)] {
        for sign in 0..4 {
            let b = sparse_rows(&mut rng, 12, num_cols, entries, sign);
            for length in [0usize, 1, 4, 12] {
                let items: Vec<u32> = (0..length as u32).collect();
                let weights: Vec<f32> = items.iter().map(|_| if sign == 3 { 1.0 } else { rng.float() }).collect();
                for k in [0, 1, 7, 50, 256, 5_000] {
                    for rarity in [1, 2, 50] {
                        let mut allowed = random_mask(&mut rng, num_cols, rarity);
                        allowed.iter_mut().take(length).for_each(|flag| *flag = 0);
                        assert_best_of_rows(&b, &items, &weights, &allowed, k);
                    }
                }
            }
        }
    }
}

#[test]
fn the_best_of_rows_refuse_what_does_not_fit() {
    let b = random_csr(&mut Rng(10), 3, 40, 2);
    let mut out = [0; 2];
    let unknown = top_k_of_rows(&view(&b), &[3], &mut [0.0; 40], &mut [1; 40], &mut out);
    assert_eq!(unknown, Err(KernelError::Index));
    let short = top_k_of_rows(&view(&b), &[0], &mut [0.0; 39], &mut [1; 39], &mut out);
    assert_eq!(short, Err(KernelError::Shape));
    let unlike = top_k_of_rows(&view(&b), &[0], &mut [0.0; 40], &mut [1; 39], &mut out);
    assert_eq!(unlike, Err(KernelError::Shape));
}
