//! Embeddings of the nodes of a user-item graph, and their derivative (LightGCN; LightGCL, Cai et al. 2023).
#![forbid(unsafe_code)]

use crate::csr::Csr;
use crate::error::KernelError;
use crate::lanes::LANES;
use crate::real::Real;

/// A graph with the users first and the items after them.
#[derive(Debug, Clone, Copy)]
pub struct Graph<'a, T> {
    /// Â = [0, R̃; R̃ᵀ, 0], symmetric.
    pub adjacency: Csr<'a>,
    /// Rows of Â that are users.
    pub num_users: usize,
    /// [U; V], one row a node, of the leading singular vectors of R̃; empty when there is no second view.
    pub vectors: &'a [T],
    /// S, one value a column of `vectors`.
    pub values: &'a [T],
    /// Length of an embedding.
    pub width: usize,
    /// L
    pub layers: usize,
}

impl<T: Real> Graph<'_, T> {
    fn fits(&self, matrices: &[&[T]]) -> bool {
        let nodes = self.adjacency.num_rows();
        let view = self.vectors.len() == nodes * self.values.len();
        let square = self.adjacency.num_cols() == nodes && self.num_users <= nodes;
        self.width > 0 && square && view && matrices.iter().all(|matrix| matrix.len() == nodes * self.width)
    }

    /// out ← Â·x
    fn propagate(&self, x: &[T], out: &mut [T]) {
        for (row, sums) in out.chunks_exact_mut(self.width).enumerate() {
            let (columns, values) = self.adjacency.row(row);
            for (part, block) in sums.chunks_mut(LANES).enumerate() {
                let first = part * LANES;
                let mut lanes = [T::ZERO; LANES];
                for (&column, &value) in columns.iter().zip(values) {
                    let start = column as usize * self.width + first;
                    let value = T::of(f64::from(value));
                    if block.len() == LANES {
                        for (lane, &entry) in lanes.iter_mut().zip(&x[start..start + LANES]) {
                            *lane += value * entry;
                        }
                    } else {
                        for (lane, &entry) in lanes.iter_mut().zip(&x[start..start + block.len()]) {
                            *lane += value * entry;
                        }
                    }
                }
                block.copy_from_slice(&lanes[..block.len()]);
            }
        }
    }

    /// out ← out + [0, USVᵀ; VSUᵀ, 0]·x, a symmetric operator.
    fn add_view(&self, x: &[T], out: &mut [T]) {
        let rank = self.values.len();
        if rank == 0 {
            return;
        }
        let split = self.num_users * self.width;
        let (user_vectors, item_vectors) = self.vectors.split_at(self.num_users * rank);
        let (user_rows, item_rows) = x.split_at(split);
        let (user_sums, item_sums) = out.split_at_mut(split);
        let of_users = self.reduce(user_vectors, user_rows);
        self.expand(user_vectors, &self.reduce(item_vectors, item_rows), user_sums);
        self.expand(item_vectors, &of_users, item_sums);
    }

    /// S·Wᵀ·x
    fn reduce(&self, vectors: &[T], x: &[T]) -> Vec<T> {
        let rank = self.values.len();
        let mut out = vec![T::ZERO; rank * self.width];
        for (weights, row) in vectors.chunks_exact(rank).zip(x.chunks_exact(self.width)) {
            for (&weight, sums) in weights.iter().zip(out.chunks_exact_mut(self.width)) {
                add_scaled(sums, weight, row);
            }
        }
        for (&value, sums) in self.values.iter().zip(out.chunks_exact_mut(self.width)) {
            sums.iter_mut().for_each(|sum| *sum = value * *sum);
        }
        out
    }

    /// out ← out + W·small
    fn expand(&self, vectors: &[T], small: &[T], out: &mut [T]) {
        let rank = self.values.len();
        for (weights, sums) in vectors.chunks_exact(rank).zip(out.chunks_exact_mut(self.width)) {
            for (&weight, row) in weights.iter().zip(small.chunks_exact(self.width)) {
                add_scaled(sums, weight, row);
            }
        }
    }
}

/// sums ← sums + weight·row
pub(crate) fn add_scaled<T: Real>(sums: &mut [T], weight: T, row: &[T]) {
    for (sum, &entry) in sums.iter_mut().zip(row) {
        *sum += weight * entry;
    }
}

fn add<T: Real>(sums: &mut [T], row: &[T]) {
    for (sum, &entry) in sums.iter_mut().zip(row) {
        *sum += entry;
    }
}

/// Embeddings and their second view, both one row a node: E = Σ_{l=0..L} Â^l·E0 and, with the leading singular vectors of
/// R̃ in place of R̃ for the last hop, G = E0 + [0, USVᵀ; VSUᵀ, 0]·Σ_{l<L} Â^l·E0. Both are overwritten. `scratch` has the
/// size of two of them. `before_last` ← Σ_{l<L} Â^l·E0.
///
/// # Errors
/// [`KernelError::Shape`] when lengths do not fit.
pub fn embed<T: Real>(
    graph: &Graph<'_, T>,
    start: &[T],
    (main, view, before_last): (&mut [T], &mut [T], &mut [T]),
    scratch: &mut [T],
) -> Result<(), KernelError> {
    if !graph.fits(&[start, main, view, before_last]) || scratch.len() != 2 * start.len() {
        return Err(KernelError::Shape);
    }
    let (mut layer, mut next) = scratch.split_at_mut(start.len());
    layer.copy_from_slice(start);
    main.copy_from_slice(start);
    before_last.fill(T::ZERO);
    for _ in 0..graph.layers {
        add(before_last, layer);
        graph.propagate(layer, next);
        add(main, next);
        core::mem::swap(&mut layer, &mut next);
    }
    view.copy_from_slice(start);
    graph.add_view(before_last, view);
    Ok(())
}

/// Derivative of a loss by E0, given those by E and by G: with W = [0, USVᵀ; VSUᵀ, 0]·∂G, a_L = ∂E and
/// a_l = Â·a_{l+1} + ∂E + W, it is a_0 + ∂G. `gradient` is overwritten; `scratch` has the size of two embeddings.
///
/// # Errors
/// [`KernelError::Shape`] when lengths do not fit.
pub fn embed_gradient<T: Real>(
    graph: &Graph<'_, T>,
    (by_main, by_view): (&[T], &[T]),
    gradient: &mut [T],
    scratch: &mut [T],
) -> Result<(), KernelError> {
    if !graph.fits(&[by_main, by_view, gradient]) || scratch.len() != 2 * gradient.len() {
        return Err(KernelError::Shape);
    }
    let (of_layer, next) = scratch.split_at_mut(gradient.len());
    of_layer.copy_from_slice(by_main);
    graph.add_view(by_view, of_layer);
    gradient.copy_from_slice(by_main);
    for _ in 0..graph.layers {
        graph.propagate(gradient, next);
        add(next, of_layer);
        gradient.copy_from_slice(next);
    }
    add(gradient, by_view);
    Ok(())
}
