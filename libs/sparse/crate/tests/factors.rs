//! Products of stored factors against a naive twin in double precision.

mod support;

use sparserec_kernels::error::KernelError;
use sparserec_kernels::factors::{add_factor_scores, Factors};
use support::rng::Rng;

const TOLERANCE: f64 = 1e-6;
const WIDTHS: [usize; 10] = [1, 2, 15, 16, 17, 31, 33, 48, 130, 768];

fn bytes(rng: &mut Rng, length: usize) -> Vec<i8> {
    (0..length).map(|_| rng.below(256) as u8 as i8).collect()
}

/// Compares with sums in double precision, by the size of their terms; a zero query must change nothing.
fn check(rng: &mut Rng, factors: Factors<'_>, numbers: &[f64], (num_rows, width): (usize, usize)) {
    for query in [rng.floats(width), vec![0.0; width]] {
        let start = rng.floats(num_rows);
        let mut scores = start.clone();
        add_factor_scores(factors, &query, &mut scores).unwrap();
        for (row, (&score, &first)) in scores.iter().zip(&start).enumerate() {
            let products = (0..width).map(|at| numbers[row * width + at] * f64::from(query[at]));
            let terms: Vec<f64> = products.chain([f64::from(first)]).collect();
            let (sum, size) = (terms.iter().sum::<f64>(), terms.iter().map(|term| term.abs()).sum::<f64>());
            assert!((f64::from(score) - sum).abs() <= TOLERANCE * size, "row {row} of {num_rows}x{width}");
        }
        if query.iter().all(|&value| value == 0.0) {
            assert_eq!(scores, start);
        }
    }
}

#[test]
fn products_equal_the_naive_ones_however_factors_are_stored() {
    let mut rng = Rng(31);
    for width in WIDTHS {
        for num_rows in [0, 1, 2, 3, 8, 13] {
            let floats = rng.floats(num_rows * width);
            let numbers: Vec<f64> = floats.iter().map(|&value| f64::from(value)).collect();
            check(&mut rng, Factors::Floats(&floats), &numbers, (num_rows, width));
            let rows = bytes(&mut rng, num_rows * width);
            let scales: Vec<f32> = (0..num_rows).map(|row| if row % 5 == 1 { 0.0 } else { rng.float() }).collect();
            let scale = |at: usize| f64::from(scales[at / width]);
            let numbers: Vec<f64> = rows.iter().enumerate().map(|(at, &byte)| scale(at) * f64::from(byte)).collect();
            check(&mut rng, Factors::Bytes { rows: &rows, scales: &scales }, &numbers, (num_rows, width));
        }
    }
}

#[test]
fn a_row_has_the_same_product_whatever_the_rows_beside_it() {
    let mut rng = Rng(32);
    for width in WIDTHS {
        let (rows, floats) = (bytes(&mut rng, 5 * width), rng.floats(5 * width));
        let query = rng.floats(width);
        let of_bytes = |rows: &[i8]| {
            let scales = vec![0.3; rows.len() / width];
            let mut scores = vec![0.0; scales.len()];
            add_factor_scores(Factors::Bytes { rows, scales: &scales }, &query, &mut scores).unwrap();
            scores
        };
        let of_floats = |rows: &[f32]| {
            let mut scores = vec![0.0; rows.len() / width];
            add_factor_scores(Factors::Floats(rows), &query, &mut scores).unwrap();
            scores
        };
        assert_eq!(of_bytes(&rows), rows.chunks(width).flat_map(of_bytes).collect::<Vec<_>>());
        assert_eq!(of_floats(&floats), floats.chunks(width).flat_map(of_floats).collect::<Vec<_>>());
    }
}

#[test]
fn factors_that_do_not_fit_are_refused() {
    let two = &mut [0.0; 2];
    assert_eq!(add_factor_scores(Factors::Floats(&[1.0; 5]), &[1.0; 2], two), Err(KernelError::Shape));
    let scaled = |rows, scales| Factors::Bytes { rows, scales };
    assert_eq!(add_factor_scores(scaled(&[1; 4], &[1.0]), &[1.0; 2], two), Err(KernelError::Shape));
    assert_eq!(add_factor_scores(scaled(&[1; 3], &[1.0; 2]), &[1.0; 2], two), Err(KernelError::Shape));
    let mut unchanged = [3.0, 4.0];
    assert_eq!(add_factor_scores(Factors::Floats(&[]), &[], &mut unchanged), Ok(()));
    assert_eq!(add_factor_scores(scaled(&[], &[1.0; 2]), &[], &mut unchanged), Ok(()));
    assert_eq!(unchanged, [3.0, 4.0]);
}
