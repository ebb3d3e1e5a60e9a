//! The dense parts of the truncated SVD against what defines them.

mod support;

use sparserec_kernels::eigen::symmetric_eigen;
use sparserec_kernels::error::KernelError;
use sparserec_kernels::tall::{add_cross_gram, add_times_small};
use support::assert_close;
use support::naive::Dense;
use support::rng::Rng;

/// Of the largest entry, in double precision.
const EIGEN_TOLERANCE: f64 = 1e-12;
const TOLERANCE: f64 = 2e-5;

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// A·v = λ·v, VᵀV = I, falling values, and the trace is their sum.
fn check_eigen(a: &[f64], n: usize, count: usize) {
    let (mut work, mut values, mut vectors) = (a.to_vec(), vec![f64::NAN; n], vec![f64::NAN; count * n]);
    for i in 0..n {
        work[i * n + i + 1..(i + 1) * n].fill(f64::NAN);
    }
    symmetric_eigen(&work, &mut values, &mut vectors).unwrap();
    let size = a.iter().fold(1.0f64, |size, entry| size.max(entry.abs())) * n as f64;
    assert!(values.windows(2).all(|pair| pair[0] >= pair[1]));
    let trace: f64 = (0..n).map(|i| a[i * n + i]).sum();
    assert!((values.iter().sum::<f64>() - trace).abs() <= EIGEN_TOLERANCE * size * n as f64);
    let rows: Vec<&[f64]> = vectors.chunks_exact(n.max(1)).collect();
    for (i, v) in rows.iter().enumerate() {
        for row in 0..n {
            let image = dot(&a[row * n..(row + 1) * n], v);
            assert!((image - values[i] * v[row]).abs() <= EIGEN_TOLERANCE * size, "n = {n}, vector {i}");
        }
        for (j, other) in rows[..=i].iter().enumerate() {
            let expected = if i == j { 1.0 } else { 0.0 };
            assert!((dot(v, other) - expected).abs() <= EIGEN_TOLERANCE * n as f64, "n = {n}, vectors {i}, {j}");
        }
    }
}

fn symmetric(rng: &mut Rng, n: usize, entry: impl Fn(&mut Rng, usize, usize) -> f64) -> Vec<f64> {
    let mut a = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            a[i * n + j] = entry(rng, i, j);
            a[j * n + i] = a[i * n + j];
        }
    }
    a
}

#[test]
fn eigenvectors_solve_any_symmetric_matrix() {
    let mut rng = Rng(11);
    for n in [0, 1, 2, 3, 7, 8, 9, 33, 70] {
        let dense = symmetric(&mut rng, n, |rng, _, _| f64::from(rng.float()) - 0.5);
        let zero = vec![0.0; n * n];
        let one_block = symmetric(&mut rng, n, |_, _, _| 1.0);
        let diagonal = symmetric(&mut rng, n, |_, i, j| if i == j { (i % 3) as f64 } else { 0.0 });
        let graded = symmetric(&mut rng, n, |rng, i, j| f64::from(rng.float()) * 0.3f64.powi((i + j) as i32));
        let steep = symmetric(&mut rng, n, |rng, i, j| f64::from(rng.float()) * 1e-3f64.powi((i + j) as i32));
        let tiny =
            symmetric(&mut rng, n, |_, i, j| if i + j == 0 { 1.0 } else { f64::from(i.abs_diff(j) == 1) * 1e-170 });
        for a in [dense, zero, one_block, diagonal, graded, steep, tiny] {
            check_eigen(&a, n, n);
            check_eigen(&a, n, n / 2);
        }
    }
}

#[test]
fn eigenvectors_of_a_known_matrix_are_its_own() {
    let (mut values, mut vectors) = ([0.0; 2], [0.0; 2]);
    symmetric_eigen(&[2.0, 0.0, 1.0, 2.0], &mut values, &mut vectors).unwrap();
    assert!((values[0] - 3.0).abs() < 1e-15 && (values[1] - 1.0).abs() < 1e-15);
    assert!((vectors[0] - vectors[1]).abs() < 1e-15 && (vectors[0].abs() - 0.5f64.sqrt()).abs() < 1e-15);
}

#[test]
fn eigenvectors_refuse_wrong_lengths_and_entries_that_are_not_finite() {
    let (mut values, mut vectors) = ([0.0; 2], [0.0; 4]);
    assert_eq!(symmetric_eigen(&[1.0; 3], &mut values, &mut vectors), Err(KernelError::Shape));
    assert_eq!(symmetric_eigen(&[1.0; 4], &mut values, &mut vectors[..3]), Err(KernelError::Shape));
    let with_nan = &[1.0, 0.0, f64::NAN, 1.0];
    assert_eq!(symmetric_eigen(with_nan, &mut values, &mut vectors), Err(KernelError::NotFinite));
}

fn as_dense(values: &[f32], cols: usize) -> Dense {
    let mut dense = Dense::zeros(values.len() / cols, cols);
    dense.data = values.iter().map(|&value| f64::from(value)).collect();
    dense
}

#[test]
fn tall_products_equal_the_naive_ones() {
    let mut rng = Rng(12);
    for (rows, m, n) in [(1, 1, 1), (3, 4, 8), (64, 32, 32), (65, 32, 20), (200, 5, 9), (131, 12, 24)] {
        let (a, b, t) = (rng.floats(rows * m), rng.floats(rows * n), rng.floats(m * n));
        let gram = as_dense(&a, m).transposed().times(&as_dense(&b, n));
        let mut c = t.clone();
        add_cross_gram((m, n), &a, &b, &mut c).unwrap();
        let expected: Vec<f64> = gram.data.iter().zip(&t).map(|(sum, &start)| sum + f64::from(start)).collect();
        assert_close(&c, &expected, TOLERANCE);
        let product = as_dense(&a, m).times(&as_dense(&t, n));
        let mut out = b.clone();
        add_times_small((m, n), -2.0, &a, &t, &mut out).unwrap();
        let expected: Vec<f64> =
            product.data.iter().zip(&b).map(|(sum, &start)| f64::from(start) - 2.0 * sum).collect();
        assert_close(&out, &expected, TOLERANCE);
    }
}

#[test]
fn tall_products_refuse_wrong_lengths() {
    let (a, b) = ([1.0; 6], [1.0; 6]);
    assert_eq!(add_cross_gram((2, 3), &a, &b, &mut [0.0; 6]), Err(KernelError::Shape));
    assert_eq!(add_cross_gram((2, 2), &a, &b, &mut [0.0; 3]), Err(KernelError::Shape));
    assert_eq!(add_times_small((2, 2), 1.0, &a, &[1.0; 3], &mut [0.0; 6]), Err(KernelError::Shape));
    assert_eq!(add_times_small((2, 0), 1.0, &a, &[], &mut []), Err(KernelError::Shape));
}
