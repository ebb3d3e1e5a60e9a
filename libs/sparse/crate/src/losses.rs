//! The parts of a trained model's loss with their derivatives, and the step that follows them.
#![forbid(unsafe_code)]

use crate::error::KernelError;
use crate::lanes::LANES;
use crate::propagation::add_scaled;
use crate::real::Real;

/// Keeps the logarithm of an empty sum finite, as in the published code.
const SMALLEST_SUM: f64 = 1e-8;
/// Where the agreement of two views stops to count, as in the published code.
const LARGEST_AGREEMENT: f64 = 5.0;

fn row<T>(matrix: &[T], node: u32, width: usize) -> &[T] {
    &matrix[node as usize * width..][..width]
}

fn row_mut<T>(matrix: &mut [T], node: u32, width: usize) -> &mut [T] {
    &mut matrix[node as usize * width..][..width]
}

fn dot<T: Real>(a: &[T], b: &[T]) -> f64 {
    a.iter().zip(b).map(|(&x, &y)| x.wide() * y.wide()).sum()
}

fn known(nodes: &[u32], length: usize, width: usize) -> bool {
    width > 0 && nodes.iter().all(|&node| (node as usize + 1) * width <= length)
}

/// Bayesian personalised ranking (Rendle et al. 2009): −mean ln σ(e_u·e_p − e_u·e_n) over triples of nodes (u, p, n). Adds
/// its derivative to `gradient`.
///
/// # Errors
/// [`KernelError::Shape`] when lengths do not fit, [`KernelError::Index`] when a node has no embedding.
pub fn bpr<T: Real>(triples: &[u32], width: usize, embeddings: &[T], gradient: &mut [T]) -> Result<f64, KernelError> {
    if !triples.len().is_multiple_of(3) || embeddings.len() != gradient.len() {
        return Err(KernelError::Shape);
    }
    if !known(triples, embeddings.len(), width) {
        return Err(KernelError::Index);
    }
    let count = (triples.len() / 3) as f64;
    let mut loss = 0.0;
    for triple in triples.chunks_exact(3) {
        let [user, positive, negative] = [0, 1, 2].map(|n| row(embeddings, triple[n], width));
        let margin = dot(user, positive) - dot(user, negative);
        let small = (-margin.abs()).exp();
        loss += small.ln_1p() + (-margin).max(0.0);
        let chance = if margin > 0.0 { small / (1.0 + small) } else { 1.0 / (1.0 + small) };
        let weight = T::of(chance / count);
        add_scaled(row_mut(gradient, triple[0], width), -weight, positive);
        add_scaled(row_mut(gradient, triple[0], width), weight, negative);
        add_scaled(row_mut(gradient, triple[1], width), -weight, user);
        add_scaled(row_mut(gradient, triple[2], width), weight, user);
    }
    Ok(loss / count.max(1.0))
}

/// −Σ_b w_b·clamp(g_b·e_b / τ, −5, 5) over nodes b with weights. Adds its derivatives to those of E and G.
///
/// # Errors
/// As for [`bpr`].
pub fn agreement<T: Real>(
    (nodes, weights): (&[u32], &[f32]),
    (width, temperature): (usize, f64),
    (main, view): (&[T], &[T]),
    (by_main, by_view): (&mut [T], &mut [T]),
) -> Result<f64, KernelError> {
    let same = [view.len(), by_main.len(), by_view.len()].iter().all(|&length| length == main.len());
    if nodes.len() != weights.len() || !same {
        return Err(KernelError::Shape);
    }
    if !known(nodes, main.len(), width) {
        return Err(KernelError::Index);
    }
    let mut loss = 0.0;
    for (&node, &weight) in nodes.iter().zip(weights) {
        let (e, g) = (row(main, node, width), row(view, node, width));
        let value = dot(e, g) / temperature;
        loss -= f64::from(weight) * value.clamp(-LARGEST_AGREEMENT, LARGEST_AGREEMENT);
        if value.abs() <= LARGEST_AGREEMENT {
            let scale = T::of(-f64::from(weight) / temperature);
            add_scaled(row_mut(by_main, node, width), scale, g);
            add_scaled(row_mut(by_view, node, width), scale, e);
        }
    }
    Ok(loss)
}

/// Some rows of G against some of E.
#[derive(Debug, Clone, Copy)]
pub struct Contrast<'a, T> {
    /// Rows g_b.
    pub view: &'a [T],
    /// w_b, one a row of `view`.
    pub weights: &'a [f32],
    /// Rows e_j.
    pub main: &'a [T],
    /// Length of a row.
    pub width: usize,
    /// τ
    pub temperature: f64,
    /// s: how many nodes each e_j stands for.
    pub scale: f64,
}

/// Σ_b w_b·ln(s·Σ_j exp(g_b·e_j / τ) + 1e-8). Overwrites the derivatives by the rows of G and of E; `scratch` has one
/// number a pair of rows. Sums are shifted by the largest exponent above 0, so nothing overflows.
///
/// # Errors
/// [`KernelError::Shape`] when lengths do not fit.
pub fn contrast<T: Real>(
    given: &Contrast<'_, T>,
    (by_view, by_main): (&mut [T], &mut [T]),
    scratch: &mut [T],
) -> Result<f64, KernelError> {
    let &Contrast { view, weights, main, width, temperature, scale } = given;
    let rows = weights.len();
    if width == 0 || !main.len().is_multiple_of(width) || view.len() != rows * width {
        return Err(KernelError::Shape);
    }
    let cols = main.len() / width;
    if by_view.len() != view.len() || by_main.len() != main.len() || scratch.len() != rows * cols {
        return Err(KernelError::Shape);
    }
    if rows == 0 || cols == 0 {
        by_main.fill(T::ZERO);
        by_view.fill(T::ZERO);
        return Ok(0.0);
    }
    let cooled = T::of(1.0 / temperature);
    T::product((rows, cols, width), cooled, (view, false), (main, true), scratch);
    let mut loss = 0.0;
    for (exponents, &weight) in scratch.chunks_exact_mut(cols).zip(weights) {
        loss += f64::from(weight) * to_shares(exponents, f64::from(weight), scale);
    }
    T::product((rows, width, cols), cooled, (scratch, false), (main, false), by_view);
    T::product((cols, width, rows), cooled, (scratch, true), (view, false), by_main);
    Ok(loss)
}

/// Turns exponents x_j into w·s·e^{x_j} / (s·Σ e^x + 1e-8). Returns the logarithm of the denominator.
fn to_shares<T: Real>(exponents: &mut [T], weight: f64, scale: f64) -> f64 {
    let shift = exponents.iter().fold(T::ZERO, |largest, &x| if x > largest { x } else { largest });
    let mut lanes = [T::ZERO; LANES];
    let mut blocks = exponents.chunks_exact_mut(LANES);
    for block in &mut blocks {
        for (lane, x) in lanes.iter_mut().zip(block) {
            *x = (*x - shift).exp_negative();
            *lane += *x;
        }
    }
    let mut sum: f64 = lanes.iter().map(|lane| lane.wide()).sum();
    for x in blocks.into_remainder() {
        *x = (*x - shift).exp_negative();
        sum += x.wide();
    }
    let denominator = scale * sum + SMALLEST_SUM * (-shift.wide()).exp();
    let factor = T::of(weight * scale / denominator);
    exponents.iter_mut().for_each(|x| *x = factor * *x);
    denominator.ln() + shift.wide()
}

/// Settings of [`adam`].
#[derive(Debug, Clone, Copy)]
pub struct AdamStep {
    /// Size of a step.
    pub learning_rate: f64,
    /// λ of λ·Σθ², which is part of the loss.
    pub regularization: f64,
    /// Number of this step, from 1.
    pub step: u32,
}

/// One step of Adam (Kingma & Ba 2015) with the published moments .9 and .999, on the gradient plus 2λθ. Returns λ·Σθ² before
/// the step.
///
/// # Errors
/// [`KernelError::Shape`] when lengths do not fit.
pub fn adam<T: Real>(
    settings: &AdamStep,
    gradient: &[T],
    (parameters, first, second): (&mut [T], &mut [T], &mut [T]),
) -> Result<f64, KernelError> {
    if [parameters.len(), first.len(), second.len()].iter().any(|&length| length != gradient.len()) {
        return Err(KernelError::Shape);
    }
    let (beta1, beta2) = (0.9f64, 0.999f64);
    let steps = f64::from(settings.step);
    let rate = T::of(settings.learning_rate / (1.0 - beta1.powf(steps)));
    let correction = T::of(1.0 / (1.0 - beta2.powf(steps)).sqrt());
    let (keep1, keep2) = (T::of(beta1), T::of(beta2));
    let (new1, new2) = (T::of(1.0 - beta1), T::of(1.0 - beta2));
    let (decay, small) = (T::of(2.0 * settings.regularization), T::of(1e-8));
    let mut squares = 0.0;
    for (((theta, m), v), &slope) in parameters.iter_mut().zip(first).zip(second).zip(gradient) {
        squares += theta.wide() * theta.wide();
        let slope = slope + decay * *theta;
        *m = keep1 * *m + new1 * slope;
        *v = keep2 * *v + new2 * slope * slope;
        *theta -= rate * *m / (v.root() * correction + small);
    }
    Ok(settings.regularization * squares)
}
