//! Eigenvectors of a small symmetric matrix.
#![forbid(unsafe_code)]

use crate::error::KernelError;

/// Columns of the rotated matrix that stay in the first-level cache, and in registers while rows are turned.
const PANEL: usize = 8;
/// QL steps for one eigenvalue; two are usual.
const MAX_STEPS: usize = 60;

/// The eigenvalues of a symmetric `n × n` matrix A (row-major, its lower triangle is read and overwritten), falling, and the
/// eigenvectors of the first of them as rows of `vectors`. Householder's reflections to a tridiagonal matrix, then QL steps
/// with Wilkinson's shift (Golub & Van Loan 2013, 8.3), whose rotations are kept and applied to a few columns at a time.
/// Costs 4n³/3 + 3n³ + 2n²·(number of vectors) FLOPs.
///
/// # Errors
/// [`KernelError::Shape`] when lengths do not fit, [`KernelError::NotFinite`] when an entry is not finite.
pub fn symmetric_eigen(a: &mut [f64], values: &mut [f64], vectors: &mut [f64]) -> Result<(), KernelError> {
    let n = values.len();
    if a.len() != n * n || vectors.len() > n * n || (n > 0 && vectors.len() % n != 0) {
        return Err(KernelError::Shape);
    }
    if n == 0 {
        return Ok(());
    }
    if !(0..n).all(|row| a[row * n..=row * n + row].iter().all(|entry| entry.is_finite())) {
        return Err(KernelError::NotFinite);
    }
    let (mut diagonal, mut beside, scales) = tridiagonalize(a, n);
    let sweeps = diagonalize(&mut diagonal, &mut beside)?;
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| diagonal[j].total_cmp(&diagonal[i]));
    for (value, &from) in values.iter_mut().zip(&order) {
        *value = diagonal[from];
    }
    rotate_identity(&sweeps, &order, vectors);
    for vector in vectors.chunks_exact_mut(n) {
        reflect(a, &scales, vector);
    }
    Ok(())
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0f64; PANEL];
    let (whole_a, whole_b) = (a.chunks_exact(PANEL), b.chunks_exact(PANEL));
    let rest: f64 = whole_a.remainder().iter().zip(whole_b.remainder()).map(|(&x, &y)| x * y).sum();
    for (x, y) in whole_a.zip(whole_b) {
        for (sum, (&x, &y)) in sums.iter_mut().zip(x.iter().zip(y)) {
            *sum += x * y;
        }
    }
    sums.iter().sum::<f64>() + rest
}

fn add_scaled(factor: f64, terms: &[f64], sums: &mut [f64]) {
    for (sum, &term) in sums.iter_mut().zip(terms) {
        *sum += factor * term;
    }
}

/// T = QᵀAQ, its diagonal and what is beside it, by reflections H_i = I − β_i·v_i·v_iᵀ of the first i coordinates,
/// Q = H_{n−1} ⋯ H_1. v_i is left in row i of A, β_i is in the third list.
fn tridiagonalize(a: &mut [f64], n: usize) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let (mut beside, mut scales) = (vec![0.0; n], vec![0.0; n]);
    let mut w = vec![0.0; n];
    for i in (1..n).rev() {
        let (above, row) = a.split_at_mut(i * n);
        let v = &mut row[..i];
        let last = v[i - 1];
        let rest = dot(&v[..i - 1], &v[..i - 1]);
        if rest == 0.0 {
            beside[i - 1] = last;
            continue;
        }
        let length = (rest + last * last).sqrt();
        beside[i - 1] = -length.copysign(last);
        v[i - 1] = last - beside[i - 1];
        scales[i] = 1.0 / (length * (length + last.abs()));
        reflect_both_sides(above, n, v, scales[i], &mut w[..i]);
    }
    ((0..n).map(|i| a[i * n + i]).collect(), beside, scales)
}

/// The lower triangle of A ← HAH = A − v·wᵀ − w·vᵀ with w = βAv − (β/2)·(vᵀβAv)·v.
fn reflect_both_sides(a: &mut [f64], n: usize, v: &[f64], scale: f64, w: &mut [f64]) {
    w.fill(0.0);
    for i in 0..v.len() {
        let row = &a[i * n..=i * n + i];
        w[i] = dot(row, &v[..=i]);
        add_scaled(v[i], &row[..i], &mut w[..i]);
    }
    w.iter_mut().for_each(|entry| *entry *= scale);
    let half = 0.5 * scale * dot(w, v);
    add_scaled(-half, v, w);
    for i in 0..v.len() {
        let (row, x, y) = (&mut a[i * n..=i * n + i], v[i], w[i]);
        for (entry, (&p, &q)) in row.iter_mut().zip(v.iter().zip(&*w)) {
            *entry -= x * q + y * p;
        }
    }
}

/// Rotations of neighbouring rows `top`, `top − 1` … of the matrix of eigenvectors, as (cosine, sine).
struct Sweep {
    top: usize,
    turns: Vec<(f64, f64)>,
}

/// Implicit QL: on return the diagonal holds the eigenvalues.
fn diagonalize(diagonal: &mut [f64], beside: &mut [f64]) -> Result<Vec<Sweep>, KernelError> {
    let n = diagonal.len();
    let size = diagonal.iter().chain(&*beside).fold(0.0f64, |largest, entry| largest.max(entry.abs()));
    let is_zero = |x: f64, near: f64| x.abs() <= f64::EPSILON * near || x.abs() <= f64::EPSILON.powi(2) * size;
    let mut sweeps = Vec::new();
    for first in 0..n {
        for step in 0.. {
            let top = (first..n - 1)
                .find(|&i| is_zero(beside[i], diagonal[i].abs() + diagonal[i + 1].abs()))
                .unwrap_or(n - 1);
            if top == first {
                break;
            }
            if step == MAX_STEPS {
                return Err(KernelError::NotFinite);
            }
            sweeps.push(ql_step(diagonal, beside, first, top));
        }
    }
    Ok(sweeps)
}

/// One QL step on the rows `first ..= top`.
fn ql_step(diagonal: &mut [f64], beside: &mut [f64], first: usize, top: usize) -> Sweep {
    let ratio = (diagonal[first + 1] - diagonal[first]) / (2.0 * beside[first]);
    let shift = diagonal[first] - beside[first] / (ratio + ratio.hypot(1.0).copysign(ratio));
    let mut g = diagonal[top] - shift;
    let (mut cosine, mut sine, mut moved) = (1.0, 1.0, 0.0);
    let mut turns = Vec::with_capacity(top - first);
    for i in (first..top).rev() {
        let (f, b) = (sine * beside[i], cosine * beside[i]);
        let length = f.hypot(g);
        if i + 1 < top {
            beside[i + 1] = length;
        }
        (sine, cosine) = if length == 0.0 { (0.0, 1.0) } else { (f / length, g / length) };
        let upper = diagonal[i + 1] - moved;
        let turn = (diagonal[i] - upper) * sine + 2.0 * cosine * b;
        moved = sine * turn;
        diagonal[i + 1] = upper + moved;
        g = cosine * turn - b;
        turns.push((cosine, sine));
    }
    diagonal[first] -= moved;
    beside[first] = g;
    if top < beside.len() {
        beside[top] = 0.0;
    }
    Sweep { top, turns }
}

/// The rows `order` of all rotations' product, applied to the unit matrix.
fn rotate_identity(sweeps: &[Sweep], order: &[usize], vectors: &mut [f64]) {
    let n = order.len();
    let mut panel = vec![[0.0f64; PANEL]; n];
    for left in (0..n).step_by(PANEL) {
        panel.fill([0.0; PANEL]);
        for column in left..n.min(left + PANEL) {
            panel[column][column - left] = 1.0;
        }
        for sweep in sweeps {
            rotate(sweep, &mut panel);
        }
        let width = PANEL.min(n - left);
        for (vector, &from) in vectors.chunks_exact_mut(n).zip(order) {
            vector[left..left + width].copy_from_slice(&panel[from][..width]);
        }
    }
}

fn rotate(&Sweep { top, ref turns }: &Sweep, panel: &mut [[f64; PANEL]]) {
    let mut carried = panel[top];
    for (i, &(cosine, sine)) in (0..top).rev().zip(turns) {
        let row = panel[i];
        for (column, &x) in row.iter().enumerate() {
            let y = carried[column];
            panel[i + 1][column] = sine * x + cosine * y;
            carried[column] = cosine * x - sine * y;
        }
    }
    panel[top - turns.len()] = carried;
}

/// vector ← Q·vector for the reflections that [`tridiagonalize`] left.
fn reflect(a: &[f64], scales: &[f64], vector: &mut [f64]) {
    let n = vector.len();
    for i in 1..n {
        if scales[i] == 0.0 {
            continue;
        }
        let v = &a[i * n..i * n + i];
        let factor = scales[i] * dot(v, &vector[..i]);
        add_scaled(-factor, v, &mut vector[..i]);
    }
}
