//! Every kernel against its naive twin on seeded random input, odd sizes and empty rows included.

mod support;

use sparserec_kernels::cholesky::inverse_of_factor;
use sparserec_kernels::csr::{transpose, Csr};
use sparserec_kernels::error::KernelError;
use sparserec_kernels::gemm::{self, gemm, Operand};
use sparserec_kernels::gram::gram_strip;
use sparserec_kernels::largest::{largest_per_row, rank_strip, BestColumns};
use sparserec_kernels::similarity::{nearest_columns, Similarity};
use sparserec_kernels::spmm::{add_sparse_times_strip, quadratic_diagonal_strip, score_history, sparse_times_panel};
use support::naive::Dense;
use support::rng::Rng;
use support::{assert_close, dense, random_csr, Owned};

const TOLERANCE: f64 = 2e-5;

fn view(csr: &Owned) -> Csr<'_> {
    Csr::try_new(csr.num_cols, &csr.indptr, &csr.indices, &csr.values).unwrap()
}

fn transposed(csr: &Owned) -> Owned {
    let mut out = Owned {
        num_cols: csr.indptr.len() - 1,
        indptr: vec![7; csr.num_cols + 1],
        indices: vec![7; csr.indices.len()],
        values: vec![f32::NAN; csr.indices.len()],
    };
    transpose(&view(csr), &mut out.indptr, &mut out.indices, &mut out.values).unwrap();
    out
}

#[test]
fn transpose_equals_the_dense_transpose() {
    let mut rng = Rng(1);
    for (rows, cols) in [(1, 1), (0, 3), (7, 1), (1, 9), (23, 17)] {
        let x = random_csr(&mut rng, rows, cols, 3);
        assert_eq!(dense(&transposed(&x)).data, dense(&x).transposed().data);
    }
}

#[test]
fn gram_strips_equal_the_dense_product() {
    let mut rng = Rng(2);
    for (rows, cols) in [(1, 1), (0, 4), (9, 5), (40, 31)] {
        let x = random_csr(&mut rng, rows, cols, 4);
        let xt = transposed(&x);
        let full = dense(&x).transposed().times(&dense(&x));
        let split = cols / 2;
        for (first, count) in [(0, split), (split, cols - split)] {
            let mut strip = vec![f32::NAN; count * cols];
            gram_strip(&view(&x), &view(&xt), first, &mut strip).unwrap();
            let expected: Vec<f64> = (first..first + count)
                .flat_map(|i| (0..cols).map(move |j| (i, j)))
                .map(|(i, j)| if j <= i { full.at(i, j) } else { 0.0 })
                .collect();
            assert_close(&strip, &expected, TOLERANCE);
        }
    }
}

fn clear_above_diagonal(data: &mut [f32], stride: usize) {
    for (row, entries) in data.chunks_mut(stride).enumerate() {
        entries.iter_mut().skip(row + 1).for_each(|entry| *entry = 0.0);
    }
}

#[test]
fn gemm_equals_the_naive_product_in_every_orientation() {
    let mut rng = Rng(3);
    for (m, n, k) in [(1, 1, 1), (4, 8, 3), (5, 9, 7), (131, 17, 300), (33, 70, 257)] {
        for flags in 0..32 {
            let [ta, tb, lower, triangular_a, triangular_b] = [1, 2, 4, 8, 16].map(|bit| flags & bit != 0);
            let (mut a, mut b, c) = (rng.floats(m * k), rng.floats(k * n), rng.floats(m * n));
            let (a_stride, b_stride) = (if ta { m } else { k }, if tb { k } else { n });
            if triangular_a {
                clear_above_diagonal(&mut a, a_stride);
            }
            if triangular_b {
                clear_above_diagonal(&mut b, b_stride);
            }
            let shaped = |data: &[f32], rows, cols, flip| {
                let (r, s) = if flip { (cols, rows) } else { (rows, cols) };
                let d = Dense { rows: r, cols: s, data: data.iter().map(|&v| f64::from(v)).collect() };
                if flip {
                    d.transposed()
                } else {
                    d
                }
            };
            let product = shaped(&a, m, k, ta).times(&shaped(&b, k, n, tb));
            let mut actual = c.clone();
            let a_op = Operand { data: &a, stride: a_stride, transposed: ta, lower_triangular: triangular_a };
            let b_op = Operand { data: &b, stride: b_stride, transposed: tb, lower_triangular: triangular_b };
            gemm((m, n, k), -1.0, a_op, b_op, (&mut actual, n), lower).unwrap();
            for i in 0..m {
                for j in 0..n {
                    if lower && j > i {
                        continue;
                    }
                    let expected = f64::from(c[i * n + j]) - product.at(i, j);
                    assert!((f64::from(actual[i * n + j]) - expected).abs() < 1e-4, "({i}, {j}) of {m}x{n}x{k}");
                }
            }
        }
    }
}

#[test]
fn inverse_of_factor_inverts_the_cholesky_factor() {
    let mut rng = Rng(4);
    for n in [1, 2, 7, 64, 65, 130, 200] {
        let half = Dense { rows: n, cols: n, data: rng.floats(n * n).iter().map(|&v| f64::from(v)).collect() };
        let mut a = half.times(&half.transposed());
        for i in 0..n {
            a.data[i * n + i] += n as f64;
        }
        let mut block: Vec<f32> = a.data.iter().map(|&v| v as f32).collect();
        for i in 0..n {
            block[i * n + i + 1..(i + 1) * n].fill(f32::NAN);
        }
        inverse_of_factor(&mut block, n).unwrap();
        let w = Dense { rows: n, cols: n, data: block.iter().map(|&v| f64::from(v)).collect() };
        let identity = w.times(&a).times(&w.transposed());
        let expected: Vec<f64> = (0..n * n).map(|e| f64::from(u8::from(e / n == e % n))).collect();
        let actual: Vec<f32> = identity.data.iter().map(|&v| v as f32).collect();
        assert_close(&actual, &expected, 1e-4);
    }
}

#[test]
fn inverse_of_factor_names_the_pivot_that_fails() {
    for (n, bad) in [(1, 0), (5, 3), (150, 101)] {
        let mut block = vec![0.0f32; n * n];
        for i in 0..n {
            block[i * n + i] = if i == bad { -1.0 } else { 1.0 };
        }
        assert_eq!(inverse_of_factor(&mut block, n), Err(KernelError::NotPositiveDefinite { pivot: bad }));
    }
}

#[test]
fn sparse_times_strips_equals_the_dense_product() {
    let mut rng = Rng(5);
    for (rows, inner, width) in [(1, 1, 1), (6, 10, 3), (13, 29, 29), (9, 8, 41)] {
        let x = random_csr(&mut rng, rows, inner, 3);
        let m = rng.floats(inner * width);
        let mut out = vec![0.0f32; rows * width];
        let split = inner / 2;
        add_sparse_times_strip(&view(&x), 0, &m[..split * width], width, &mut out).unwrap();
        add_sparse_times_strip(&view(&x), split, &m[split * width..], width, &mut out).unwrap();
        let right = Dense { rows: inner, cols: width, data: m.iter().map(|&v| f64::from(v)).collect() };
        assert_close(&out, &dense(&x).times(&right).data, TOLERANCE);
    }
}

#[test]
fn sparse_times_panel_scales_keeps_and_adds() {
    let mut rng = Rng(15);
    for (rows, inner, width) in [(1, 1, 1), (6, 10, 3), (13, 29, 47), (5, 4, 32)] {
        let x = random_csr(&mut rng, rows, inner, 3);
        let (panel, addend, before) = (rng.floats(inner * width), rng.floats(rows * width), rng.floats(rows * width));
        let right = Dense { rows: inner, cols: width, data: panel.iter().map(|&v| f64::from(v)).collect() };
        let product = dense(&x).times(&right).data;
        let mut out = before.clone();
        sparse_times_panel(&view(&x), &panel, width, (2.0, -1.0, 0.5), Some(&addend), &mut out).unwrap();
        let expected: Vec<f64> =
            (0..rows * width).map(|e| 2.0 * product[e] - f64::from(before[e]) + 0.5 * f64::from(addend[e])).collect();
        assert_close(&out, &expected, TOLERANCE);
        let mut fresh = vec![f32::NAN; rows * width];
        sparse_times_panel(&view(&x), &panel, width, (1.0, 0.0, 0.0), None, &mut fresh).unwrap();
        assert_close(&fresh, &product, TOLERANCE);
        let short = &panel[..panel.len() - 1];
        let refused = sparse_times_panel(&view(&x), short, width, (1.0, 0.0, 0.0), None, &mut fresh);
        assert_eq!(refused, Err(KernelError::Shape));
    }
}

#[test]
fn score_history_adds_weighted_rows() {
    let mut rng = Rng(6);
    let b = random_csr(&mut rng, 20, 31, 4);
    let (items, weights) = ([0u32, 3, 19], [1.0f32, -0.5, 2.0]);
    let mut scores = vec![f32::NAN; 31];
    score_history(&view(&b), &items, &weights, &mut scores).unwrap();
    let full = dense(&b);
    let expected: Vec<f64> = (0..31)
        .map(|col| items.iter().zip(&weights).map(|(&i, &w)| f64::from(w) * full.at(i as usize, col)).sum())
        .collect();
    assert_close(&scores, &expected, TOLERANCE);
    assert_eq!(score_history(&view(&b), &[20], &[1.0], &mut scores), Err(KernelError::Index));
}

#[test]
fn largest_per_row_equals_a_full_sort() {
    let mut rng = Rng(8);
    for (rows, first, width, keep) in [(1, 0, 1, 1), (3, 2, 9, 4), (5, 0, 40, 39), (4, 30, 50, 7)] {
        let strip: Vec<f32> = (0..rows * width).map(|_| (rng.below(7) as f32 - 3.0) / 3.0).collect();
        let scale = rng.floats(width);
        let (mut columns, mut values) = (vec![0u32; rows * keep], vec![f32::NAN; rows * keep]);
        let mut counts = vec![9u32; rows];
        largest_per_row(&strip, first, &scale, keep, (&mut columns, &mut values, &mut counts)).unwrap();
        for row in 0..rows {
            let entry = |col: usize| strip[row * width + col] * scale[col];
            let mut expected: Vec<usize> = (0..width).filter(|&c| c != first + row && entry(c) != 0.0).collect();
            expected.sort_by(|&a, &b| entry(b).abs().total_cmp(&entry(a).abs()).then(a.cmp(&b)));
            expected.truncate(keep);
            expected.sort_unstable();
            let found = row * keep..row * keep + counts[row] as usize;
            assert_eq!(columns[found.clone()].iter().map(|&c| c as usize).collect::<Vec<_>>(), expected);
            assert_eq!(values[found], expected.iter().map(|&c| entry(c)).collect::<Vec<_>>());
        }
    }
}

#[test]
fn dense_transpose_equals_the_naive_one() {
    let mut rng = Rng(21);
    for (rows, cols) in [(0, 3), (1, 1), (5, 70), (64, 33)] {
        let a = rng.floats(rows * cols);
        let mut out = vec![f32::NAN; rows * cols];
        gemm::transpose(rows, cols, &a, &mut out).unwrap();
        for row in 0..rows {
            for col in 0..cols {
                assert_eq!(out[col * rows + row], a[row * cols + col]);
            }
        }
    }
}

#[test]
fn quadratic_diagonal_strips_sum_to_the_diagonal_of_the_dense_product() {
    let mut rng = Rng(22);
    for (rows, cols) in [(1, 1), (9, 14), (23, 8)] {
        let x = random_csr(&mut rng, rows, cols, 3);
        let xt = transposed(&x);
        let m = rng.floats(rows * rows);
        let middle = Dense { rows, cols: rows, data: m.iter().map(|&v| f64::from(v)).collect() };
        let full = dense(&x).transposed().times(&middle).times(&dense(&x));
        let split = rows / 2;
        let mut sums = vec![0.0f64; cols];
        for (first, count) in [(0, split), (split, rows - split)] {
            let mut part = vec![f64::NAN; cols];
            let strip = &m[first * rows..(first + count) * rows];
            quadratic_diagonal_strip(&view(&x), &view(&xt), first, strip, &mut part).unwrap();
            sums.iter_mut().zip(&part).for_each(|(sum, value)| *sum += value);
        }
        for (j, sum) in sums.iter().enumerate() {
            assert!((sum - full.at(j, j)).abs() < 1e-4, "{j} of {rows}x{cols}");
        }
    }
}

#[test]
fn rank_strips_equal_a_full_sort_in_any_order() {
    let mut rng = Rng(23);
    for (rows, cols, k) in [(1, 1, 1), (7, 20, 4), (12, 9, 30), (5, 16, 0)] {
        let x = random_csr(&mut rng, rows, cols, 3);
        // Few different values, so that scores tie.
        let m: Vec<f32> = (0..cols * cols).map(|_| rng.below(3) as f32).collect();
        let scale: Vec<f32> = (0..cols).map(|_| rng.below(2) as f32 - 0.5).collect();
        let (mut columns, mut scores) = (vec![0u32; rows * k], vec![0.0f32; rows * k]);
        let mut counts = vec![0u32; rows];
        let split = cols / 3;
        for (first, width) in [(split, cols - split), (0, split)] {
            let strip: Vec<f32> =
                (0..cols).flat_map(|j| m[j * cols + first..j * cols + first + width].to_vec()).collect();
            let mut best = BestColumns { k, columns: &mut columns, scores: &mut scores, counts: &mut counts };
            rank_strip(&view(&x), first, &strip, &scale[first..first + width], &mut best).unwrap();
        }
        for row in 0..rows {
            let (own, values) = view(&x).row(row);
            let score = |c: usize| -> f32 {
                own.iter().zip(values).fold(0.0, |sum, (&j, &v)| sum + v * m[j as usize * cols + c]) * scale[c]
            };
            let mut expected: Vec<usize> = (0..cols).filter(|&c| !own.contains(&(c as u32))).collect();
            expected.sort_by(|&a, &b| score(b).partial_cmp(&score(a)).unwrap().then(a.cmp(&b)));
            expected.truncate(k);
            let found: Vec<usize> =
                columns[row * k..row * k + counts[row] as usize].iter().map(|&c| c as usize).collect();
            assert_eq!(found, expected, "row {row} of {rows}x{cols}");
        }
    }
}

#[test]
fn nearest_columns_equal_a_full_sort_of_the_dense_similarities() {
    let mut rng = Rng(24);
    for (rows, cols, keep, power) in
        [(1, 1, 1, 1.0), (0, 4, 2, 1.0), (9, 5, 2, 0.7), (40, 31, 6, 1.3), (12, 9, 20, 1.0)]
    {
        let x = random_csr(&mut rng, rows, cols, 3);
        let xt = transposed(&x);
        let norms: Vec<f32> = (0..cols).map(|_| 0.5 + rng.below(4) as f32).collect();
        let similarity = Similarity { norms: &norms, shrinkage: 2.0, power };
        let gram = dense(&x).transposed().times(&dense(&x));
        let at = |i: usize, j: usize| -> f64 {
            let share = gram.at(i, j) / (f64::from(norms[i]) * f64::from(norms[j]) + 2.0);
            share.signum() * share.abs().powf(f64::from(power))
        };
        let split = cols / 2;
        for (first, count) in [(0, split), (split, cols - split)] {
            let (mut columns, mut values) = (vec![7u32; count * keep], vec![f32::NAN; count * keep]);
            let mut counts = vec![7u32; count];
            let out = (&mut columns[..], &mut values[..], &mut counts[..]);
            nearest_columns(&view(&x), &view(&xt), first, similarity, keep, out).unwrap();
            for r in 0..count {
                let item = first + r;
                let mut expected: Vec<usize> = (0..cols).filter(|&j| j != item && gram.at(item, j) != 0.0).collect();
                expected.sort_by(|&a, &b| at(item, b).abs().total_cmp(&at(item, a).abs()).then(a.cmp(&b)));
                expected.truncate(keep);
                expected.sort_unstable();
                let found = &columns[r * keep..r * keep + counts[r] as usize];
                assert_eq!(
                    found.iter().map(|&c| c as usize).collect::<Vec<_>>(),
                    expected,
                    "row {item} of {rows}x{cols}"
                );
                let wanted: Vec<f64> = expected.iter().map(|&j| at(item, j)).collect();
                assert_close(&values[r * keep..r * keep + wanted.len()], &wanted, TOLERANCE);
            }
        }
    }
}

#[test]
fn similarities_that_do_not_fit_are_refused() {
    let x = random_csr(&mut Rng(25), 6, 4, 2);
    let xt = transposed(&x);
    let refuse = |norms: &[f32], first: usize, room: usize| {
        let (mut columns, mut values, mut counts) = (vec![0u32; room], vec![0.0f32; room], [0u32; 2]);
        let similarity = Similarity { norms, shrinkage: 0.0, power: 1.0 };
        nearest_columns(&view(&x), &view(&xt), first, similarity, 3, (&mut columns, &mut values, &mut counts))
    };
    assert_eq!(refuse(&[1.0; 4], 2, 6), Ok(()));
    assert_eq!(refuse(&[1.0; 3], 0, 6), Err(KernelError::Shape));
    assert_eq!(refuse(&[1.0; 4], 3, 6), Err(KernelError::Shape));
    assert_eq!(refuse(&[1.0; 4], 0, 5), Err(KernelError::Shape));
}
