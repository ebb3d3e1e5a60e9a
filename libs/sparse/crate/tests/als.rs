//! Row solves of alternating least squares against a naive elimination in double precision.

mod support;

use sparserec_kernels::als::{solve_rows, Systems};
use sparserec_kernels::csr::Csr;
use sparserec_kernels::error::KernelError;
use support::naive::Dense;
use support::rng::Rng;
use support::{random_csr, Owned};

const TOLERANCE: f64 = 2e-6;

fn view(csr: &Owned) -> Csr<'_> {
    Csr::try_new(csr.num_cols, &csr.indptr, &csr.indices, &csr.values).unwrap()
}

fn doubles(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| f64::from(value)).collect()
}

/// Gauss-Jordan elimination with row exchanges.
fn solve_naively(a: &Dense, b: &[f64]) -> Vec<f64> {
    let n = a.rows;
    let mut rows: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| a.at(i, j)).chain([b[i]]).collect()).collect();
    for column in 0..n {
        let best = (column..n).max_by(|&i, &j| rows[i][column].abs().total_cmp(&rows[j][column].abs())).unwrap();
        rows.swap(column, best);
        let pivot = rows[column].clone();
        for (i, row) in rows.iter_mut().enumerate() {
            let factor = if i == column { 0.0 } else { row[column] / pivot[column] };
            row.iter_mut().zip(&pivot).for_each(|(entry, other)| *entry -= factor * other);
        }
    }
    (0..n).map(|i| rows[i][n] / rows[i][i]).collect()
}

/// A of one row, and b.
fn system(x: &Owned, row: usize, factors: &[f32], width: usize, base: &Dense, ridge: f32) -> (Dense, Vec<f64>) {
    let mut a = Dense { rows: width, cols: width, data: base.data.clone() };
    let mut b = vec![0.0; width];
    for i in 0..width {
        a.data[i * width + i] += f64::from(ridge);
    }
    let (columns, values) = view(x).row(row);
    for (&column, &value) in columns.iter().zip(values) {
        let h = doubles(&factors[column as usize * width..][..width]);
        for i in 0..width {
            b[i] += f64::from(value) * h[i];
            for j in 0..width {
                a.data[i * width + j] += f64::from(value) * h[i] * h[j];
            }
        }
    }
    (a, b)
}

fn distance(actual: &[f32], expected: &[f64]) -> f64 {
    let square = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>().sqrt();
    let off = square(&mut actual.iter().zip(expected).map(|(&a, e)| f64::from(a) - e));
    off / square(&mut expected.iter().copied()).max(1e-30)
}

/// Weights above zero, as confidences are.
fn interactions(rng: &mut Rng, rows: usize, cols: usize, sparsity: usize) -> Owned {
    let mut x = random_csr(rng, rows, cols, sparsity);
    x.values.iter_mut().for_each(|value| *value = value.abs() + 0.25);
    x
}

fn base_of(factors: &[f32], width: usize) -> Dense {
    let rows = factors.len() / width;
    let h = Dense { rows, cols: width, data: doubles(factors) };
    let mut gram = h.transposed().times(&h);
    gram.data.iter_mut().for_each(|entry| *entry *= 0.1);
    gram
}

/// Float32, with its upper triangle spoilt, since it must not be read.
fn lower(base: &Dense) -> Vec<f32> {
    let upper = |entry: usize| entry % base.cols > entry / base.cols;
    base.data.iter().enumerate().map(|(at, &v)| if upper(at) { f32::NAN } else { v as f32 }).collect()
}

#[test]
fn solutions_equal_a_naive_elimination() {
    let mut rng = Rng(41);
    for (rows, cols, width, sparsity) in
        [(1, 1, 1, 1), (4, 9, 3, 2), (3, 5, 8, 2), (6, 20, 17, 3), (5, 40, 33, 2), (3, 700, 64, 2), (2, 30, 100, 3)]
    {
        let x = interactions(&mut rng, rows, cols, sparsity);
        let factors = rng.floats(cols * width);
        let base = base_of(&factors, width);
        let ridge: Vec<f32> = (0..rows).map(|row| 0.5 + row as f32).collect();
        let stored = lower(&base);
        let systems = Systems { factors: &factors, width, base: &stored, ridge: &ridge, right: None };
        let mut out = vec![f32::NAN; rows * width];
        solve_rows(&view(&x), 0..rows, &systems, &mut out).unwrap();
        for row in 0..rows {
            let (a, b) = system(&x, row, &factors, width, &base, ridge[row]);
            let off = distance(&out[row * width..][..width], &solve_naively(&a, &b));
            assert!(off < TOLERANCE, "row {row} of {rows}x{cols}, {width} factors: off by {off}");
        }
    }
}

#[test]
fn a_block_of_rows_gives_what_all_rows_give() {
    let mut rng = Rng(42);
    let (rows, cols, width) = (7, 15, 5);
    let x = interactions(&mut rng, rows, cols, 2);
    let factors = rng.floats(cols * width);
    let base = lower(&base_of(&factors, width));
    let ridge = vec![1.0; rows];
    let systems = Systems { factors: &factors, width, base: &base, ridge: &ridge, right: None };
    let mut whole = vec![f32::NAN; rows * width];
    solve_rows(&view(&x), 0..rows, &systems, &mut whole).unwrap();
    let mut parts = vec![f32::NAN; rows * width];
    for (from, to) in [(0, 0), (0, 3), (3, 4), (4, 7)] {
        let part = Systems { ridge: &ridge[from..to], ..systems };
        solve_rows(&view(&x), from..to, &part, &mut parts[from * width..to * width]).unwrap();
    }
    assert_eq!(parts, whole);
}

#[test]
fn a_given_right_hand_side_takes_the_place_of_the_sum() {
    let mut rng = Rng(43);
    let (rows, cols, width) = (4, 11, 10);
    let x = interactions(&mut rng, rows, cols, 3);
    let factors = rng.floats(cols * width);
    let base = base_of(&factors, width);
    let (stored, ridge, right) = (lower(&base), vec![0.7; rows], rng.floats(rows * width));
    let systems = Systems { factors: &factors, width, base: &stored, ridge: &ridge, right: Some(&right) };
    let mut out = vec![f32::NAN; rows * width];
    solve_rows(&view(&x), 0..rows, &systems, &mut out).unwrap();
    for row in 0..rows {
        let (a, _) = system(&x, row, &factors, width, &base, ridge[row]);
        let expected = solve_naively(&a, &doubles(&right[row * width..][..width]));
        assert!(distance(&out[row * width..][..width], &expected) < TOLERANCE);
    }
}

#[test]
fn a_row_without_entries_is_zero() {
    let x = Owned { num_cols: 2, indptr: vec![0, 0, 1], indices: vec![1], values: vec![1.0] };
    let systems = Systems { factors: &[1.0, 2.0], width: 1, base: &[5.0], ridge: &[0.0, 1.0], right: None };
    let mut out = [f32::NAN; 2];
    solve_rows(&view(&x), 0..2, &systems, &mut out).unwrap();
    assert_eq!(out, [0.0, 0.2]);
}

#[test]
fn what_float32_cannot_solve_is_refused_by_its_pivot() {
    // Two equal factors and no ridge: the second pivot is rounding, whichever panel it falls into.
    for width in [2, 12] {
        let factors = vec![0.3; width];
        let x = Owned { num_cols: 1, indptr: vec![0, 1], indices: vec![0], values: vec![1.0] };
        let base = vec![0.0; width * width];
        let solve = |ridge: f32| {
            let systems = Systems { factors: &factors, width, base: &base, ridge: &[ridge], right: None };
            solve_rows(&view(&x), 0..1, &systems, &mut vec![0.0; width])
        };
        assert_eq!(solve(0.0), Err(KernelError::NotPositiveDefinite { pivot: 1 }));
        assert_eq!(solve(-1.0), Err(KernelError::NotPositiveDefinite { pivot: 0 }));
        assert_eq!(solve(f32::NAN), Err(KernelError::NotPositiveDefinite { pivot: 0 }));
        assert_eq!(solve(0.1), Ok(()));
    }
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let x = Owned { num_cols: 1, indptr: vec![0, 1], indices: vec![0], values: vec![1.0] };
    let good = Systems { factors: &[1.0, 1.0], width: 2, base: &[0.0; 4], ridge: &[1.0], right: None };
    let solve = |systems: Systems<'_>, rows, length| solve_rows(&view(&x), rows, &systems, &mut vec![0.0; length]);
    assert_eq!(solve(good, 0..1, 2), Ok(()));
    for (systems, rows, length) in [
        (good, 0..1, 1),
        (good, 1..2, 2),
        (Systems { ridge: &[], ..good }, 0..1, 2),
        (Systems { base: &[0.0; 3], ..good }, 0..1, 2),
        (Systems { factors: &[1.0], ..good }, 0..1, 2),
        (Systems { right: Some(&[1.0]), ..good }, 0..1, 2),
        (Systems { factors: &[], width: 0, base: &[], ..good }, 0..1, 0),
    ] {
        assert_eq!(solve(systems, rows, length), Err(KernelError::Shape));
    }
}
