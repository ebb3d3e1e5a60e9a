//! Exact row solves of alternating least squares.
#![forbid(unsafe_code)]

use crate::csr::Csr;
use crate::error::KernelError;
use crate::simd::{multiply_panels, MR, NR};
use core::ops::Range;

/// Entries of a row that are packed at a time.
const DEPTH: usize = 256;

/// A pivot that is smaller than this share of its diagonal entry is rounding.
const SMALLEST_PIVOT: f64 = 4.0 * f32::EPSILON as f64;

/// What the systems of a block of rows have in common, and the diagonal of each.
#[derive(Debug, Clone, Copy)]
pub struct Systems<'a> {
    /// H, row-major, a row of `width` factors for each column of X.
    pub factors: &'a [f32],
    /// Number of factors.
    pub width: usize,
    /// B, `width × width` row-major; only its lower triangle is read.
    pub base: &'a [f32],
    /// One number above zero a row of the block.
    pub ridge: &'a [f32],
    /// One right-hand side a row of the block, in place of `Σ_i x_ri h_i`.
    pub right: Option<&'a [f32]>,
}

/// For the rows r of a block of X: `out_r` ← A⁻¹b with A = B + Σ_i x_ri h_i h_iᵀ + ridge_r·I and b = Σ_i x_ri h_i, or the
/// given right-hand side (Hu, Koren & Volinsky, ICDM 2008, eq. 4; Rendle et al., RecSys 2022). By Cholesky in
/// single precision with diagonal blocks in double, and one step of refinement with a residual in double. Costs
/// `width²` FLOPs an entry and `width³/3` a row. A row without entries and without a given right-hand side is zero.
///
/// # Errors
/// [`KernelError::Shape`] when lengths do not fit, [`KernelError::NotPositiveDefinite`] when a pivot is lost in rounding;
/// rows before it are then done.
pub fn solve_rows(x: &Csr<'_>, rows: Range<usize>, systems: &Systems<'_>, out: &mut [f32]) -> Result<(), KernelError> {
    let Systems { factors, width, base, ridge, right } = *systems;
    let length = rows.len() * width;
    if width == 0 || rows.end > x.num_rows() || ridge.len() != rows.len() || out.len() != length {
        return Err(KernelError::Shape);
    }
    if factors.len() != x.num_cols() * width || base.len() != width * width {
        return Err(KernelError::Shape);
    }
    if right.is_some_and(|right| right.len() != length) {
        return Err(KernelError::Shape);
    }
    let mut space = Workspace::new(width);
    for (position, solution) in out.chunks_exact_mut(width).enumerate() {
        let entries = x.row(rows.start + position);
        if entries.0.is_empty() && right.is_none() {
            solution.fill(0.0);
            continue;
        }
        space.set_up(base, ridge[position]);
        space.add_entries(entries, factors);
        if let Some(right) = right {
            space.set_right(&right[position * width..(position + 1) * width]);
        }
        space.factor()?;
        space.solve_refined();
        for (value, &entry) in solution.iter_mut().zip(&space.solution) {
            *value = entry as f32;
        }
    }
    Ok(())
}

/// Memory for one system of `padded` unknowns, `width` rounded up to the register block: A, its factor L packed by rows
/// in groups of [`MR`] and of [`NR`], and the inverses of L's diagonal blocks. Unknowns of the padding stay zero.
struct Workspace {
    width: usize,
    padded: usize,
    /// A, row-major; only its lower triangle counts.
    a: Vec<f32>,
    by_mr: Vec<f32>,
    by_nr: Vec<f32>,
    inverses: Vec<[[f64; NR]; NR]>,
    entry_a: Vec<f32>,
    entry_b: Vec<f32>,
    right: Vec<f64>,
    residual: Vec<f64>,
    step: Vec<f32>,
    solution: Vec<f64>,
}

impl Workspace {
    fn new(width: usize) -> Self {
        let padded = width.next_multiple_of(NR);
        let zeros = |length: usize| vec![0.0f32; length];
        Self {
            width,
            padded,
            a: zeros(padded * padded),
            by_mr: zeros(padded * padded),
            by_nr: zeros(padded * padded),
            inverses: vec![[[0.0; NR]; NR]; padded / NR],
            entry_a: zeros(padded * DEPTH),
            entry_b: zeros(padded * DEPTH),
            right: vec![0.0; padded],
            residual: vec![0.0; padded],
            step: zeros(padded),
            solution: vec![0.0; padded],
        }
    }

    /// A ← B + ridge·I, b ← 0; the padding of A is the identity.
    fn set_up(&mut self, base: &[f32], ridge: f32) {
        let Self { width, padded, ref mut a, .. } = *self;
        for row in 0..width {
            a[row * padded..row * padded + row + 1].copy_from_slice(&base[row * width..row * width + row + 1]);
            a[row * padded + row] += ridge;
        }
        for row in width..padded {
            a[row * padded..row * padded + row].fill(0.0);
            a[row * padded + row] = 1.0;
        }
        self.right.fill(0.0);
    }

    fn set_right(&mut self, right: &[f32]) {
        for (entry, &value) in self.right.iter_mut().zip(right) {
            *entry = f64::from(value);
        }
    }

    /// A ← A + Σ x h hᵀ and b ← b + Σ x h.
    fn add_entries(&mut self, (columns, values): (&[u32], &[f32]), factors: &[f32]) {
        for (columns, values) in columns.chunks(DEPTH).zip(values.chunks(DEPTH)) {
            for (at, (&column, &value)) in columns.iter().zip(values).enumerate() {
                let start = column as usize * self.width;
                self.pack_entry(&factors[start..start + self.width], value, at, columns.len());
            }
            self.add_packed(columns.len());
        }
    }

    /// Writes one row of factors, and its multiple, to depth `at` of panels of depth `depth`, and adds it to b.
    fn pack_entry(&mut self, row: &[f32], value: f32, at: usize, depth: usize) {
        for (panel, group) in self.entry_b.chunks_exact_mut(NR * depth).zip(row.chunks(NR)) {
            let slots = &mut panel[at * NR..(at + 1) * NR];
            slots[group.len()..].fill(0.0);
            slots[..group.len()].copy_from_slice(group);
        }
        for (panel, group) in self.entry_a.chunks_exact_mut(MR * depth).zip(row.chunks(MR)) {
            let slots = &mut panel[at * MR..(at + 1) * MR];
            slots[group.len()..].fill(0.0);
            for (slot, &entry) in slots.iter_mut().zip(group) {
                *slot = value * entry;
            }
        }
        for (sum, &entry) in self.right.iter_mut().zip(row) {
            *sum += f64::from(value * entry);
        }
    }

    fn add_packed(&mut self, depth: usize) {
        let Self { width, padded, ref mut a, ref entry_a, ref entry_b, .. } = *self;
        for (group, panel_a) in entry_a.chunks_exact(MR * depth).take(width.div_ceil(MR)).enumerate() {
            for (panel, panel_b) in entry_b.chunks_exact(NR * depth).take(group * MR / NR + 1).enumerate() {
                let sums = multiply_panels(panel_a, panel_b);
                for (i, row) in sums.iter().enumerate() {
                    let at = (group * MR + i) * padded + panel * NR;
                    for (entry, &sum) in a[at..at + NR].iter_mut().zip(row) {
                        *entry += sum;
                    }
                }
            }
        }
    }

    /// A = LLᵀ, a panel of NR columns at a time: with S = A_ik − Σ_p<k L_ip L_kpᵀ, L_kk = chol(S) for i = k and
    /// L_ik = S·L_kk⁻ᵀ below.
    fn factor(&mut self) -> Result<(), KernelError> {
        let groups = self.padded / MR;
        let per_panel = NR / MR;
        for panel in 0..self.padded / NR {
            let mut corner = [[0.0f64; NR]; NR];
            for part in 0..per_panel {
                let rest = self.remaining(panel * per_panel + part, panel);
                for (target, row) in corner[part * MR..].iter_mut().zip(&rest) {
                    *target = row.map(f64::from);
                }
            }
            self.factor_corner(panel, &mut corner)?;
            let inverse = self.inverses[panel];
            let mut packed = [0.0f32; NR * NR];
            for (p, slots) in packed.chunks_exact_mut(NR).enumerate() {
                for (slot, row) in slots.iter_mut().zip(&inverse) {
                    *slot = row[p] as f32;
                }
            }
            for group in (panel + 1) * per_panel..groups {
                let rest = self.remaining(group, panel);
                let mut columns = [0.0f32; MR * NR];
                for (p, slots) in columns.chunks_exact_mut(MR).enumerate() {
                    for (slot, row) in slots.iter_mut().zip(&rest) {
                        *slot = row[p];
                    }
                }
                self.store(group, panel, &multiply_panels(&columns, &packed));
            }
        }
        Ok(())
    }

    /// The block of rows `group·MR ..` and columns `panel·NR ..` of A minus what earlier columns of L make of it.
    fn remaining(&self, group: usize, panel: usize) -> [[f32; NR]; MR] {
        let depth = panel * NR;
        let row_panel = &self.by_mr[group * MR * self.padded..][..depth * MR];
        let column_panel = &self.by_nr[panel * NR * self.padded..][..depth * NR];
        let mut block = multiply_panels(row_panel, column_panel);
        for (i, sums) in block.iter_mut().enumerate() {
            let at = (group * MR + i) * self.padded + depth;
            for (sum, &entry) in sums.iter_mut().zip(&self.a[at..at + NR]) {
                *sum = entry - *sum;
            }
        }
        block
    }

    /// Factors a diagonal block in double precision, keeps L's block and its inverse.
    fn factor_corner(&mut self, panel: usize, l: &mut [[f64; NR]; NR]) -> Result<(), KernelError> {
        for j in 0..NR {
            let row = panel * NR + j;
            let pivot = l[j][j] - l[j][..j].iter().map(|entry| entry * entry).sum::<f64>();
            let size = f64::from(self.a[row * self.padded + row]);
            if pivot.is_nan() || pivot <= size * SMALLEST_PIVOT || pivot.is_infinite() {
                return Err(KernelError::NotPositiveDefinite { pivot: row });
            }
            l[j][j] = pivot.sqrt();
            for i in j + 1..NR {
                let sum = (0..j).map(|p| l[i][p] * l[j][p]).sum::<f64>();
                l[i][j] = (l[i][j] - sum) / l[j][j];
            }
            l[j][j + 1..].fill(0.0);
        }
        let inverse = &mut self.inverses[panel];
        *inverse = [[0.0; NR]; NR];
        for i in 0..NR {
            inverse[i][i] = 1.0 / l[i][i];
            for j in 0..i {
                let sum = (j..i).map(|p| l[i][p] * inverse[p][j]).sum::<f64>();
                inverse[i][j] = -sum * inverse[i][i];
            }
        }
        for part in 0..NR / MR {
            let mut block = [[0.0f32; NR]; MR];
            for (row, source) in block.iter_mut().zip(&l[part * MR..]) {
                *row = source.map(|entry| entry as f32);
            }
            self.store(panel * NR / MR + part, panel, &block);
        }
        Ok(())
    }

    /// Keeps a block of L in both packings.
    fn store(&mut self, group: usize, panel: usize, block: &[[f32; NR]; MR]) {
        let by_mr = &mut self.by_mr[(group * self.padded + panel * NR) * MR..][..NR * MR];
        let at = (group * MR / NR * self.padded + panel * NR) * NR + group * MR % NR;
        let by_nr = &mut self.by_nr[at..];
        for p in 0..NR {
            for (i, row) in block.iter().enumerate() {
                by_mr[p * MR + i] = row[p];
                by_nr[p * NR + i] = row[p];
            }
        }
    }

    /// x ← A⁻¹b, then x ← x + A⁻¹(b − Ax).
    fn solve_refined(&mut self) {
        self.solution.fill(0.0);
        self.residual.copy_from_slice(&self.right);
        self.add_step();
        self.subtract_product();
        self.add_step();
    }

    /// x ← x + (LLᵀ)⁻¹·residual
    fn add_step(&mut self) {
        for (slot, &value) in self.step.iter_mut().zip(&self.residual) {
            *slot = value as f32;
        }
        substitute_forward(&self.by_nr, &self.inverses, &mut self.step);
        substitute_backward(&self.by_nr, &self.inverses, &mut self.step);
        for (entry, &value) in self.solution.iter_mut().zip(&self.step) {
            *entry += f64::from(value);
        }
    }

    /// residual ← b − Ax
    fn subtract_product(&mut self) {
        let Self { padded, ref a, ref right, ref mut residual, ref solution, .. } = *self;
        residual.copy_from_slice(right);
        for (row, &at_row) in solution.iter().enumerate() {
            let entries = &a[row * padded..row * padded + row];
            let mut sum = f64::from(a[row * padded + row]) * at_row;
            for ((&entry, &value), other) in entries.iter().zip(solution).zip(residual.iter_mut()) {
                sum += f64::from(entry) * value;
                *other -= f64::from(entry) * at_row;
            }
            residual[row] -= sum;
        }
    }
}

/// y ← L⁻¹y, NR rows at a time.
fn substitute_forward(by_nr: &[f32], inverses: &[[[f64; NR]; NR]], y: &mut [f32]) {
    let padded = y.len();
    for (panel, (rows, inverse)) in by_nr.chunks_exact(NR * padded).zip(inverses).enumerate() {
        let (done, rest) = y.split_at_mut(panel * NR);
        let mut sums = [0.0f32; NR];
        for (column, &value) in rows.chunks_exact(NR).zip(done.iter()) {
            for (sum, &entry) in sums.iter_mut().zip(column) {
                *sum += entry * value;
            }
        }
        let mut known = [0.0f64; NR];
        for ((target, &value), sum) in known.iter_mut().zip(rest.iter()).zip(sums) {
            *target = f64::from(value - sum);
        }
        for (value, row) in rest.iter_mut().zip(inverse) {
            *value = row.iter().zip(&known).map(|(entry, value)| entry * value).sum::<f64>() as f32;
        }
    }
}

/// y ← L⁻ᵀy, NR rows at a time, the last ones first.
fn substitute_backward(by_nr: &[f32], inverses: &[[[f64; NR]; NR]], y: &mut [f32]) {
    let padded = y.len();
    for (panel, (rows, inverse)) in by_nr.chunks_exact(NR * padded).zip(inverses).enumerate().rev() {
        let (before, rest) = y.split_at_mut(panel * NR);
        let mut found = [0.0f64; NR];
        for (row, &value) in inverse.iter().zip(rest.iter()) {
            for (sum, entry) in found.iter_mut().zip(row) {
                *sum += entry * f64::from(value);
            }
        }
        let found = found.map(|value| value as f32);
        rest[..NR].copy_from_slice(&found);
        for (value, column) in before.iter_mut().zip(rows.chunks_exact(NR)) {
            let mut products = [0.0f32; NR];
            for ((product, &entry), &other) in products.iter_mut().zip(column).zip(&found) {
                *product = entry * other;
            }
            let [a, b, c, d, e, f, g, h] = products;
            *value -= ((a + e) + (c + g)) + ((b + f) + (d + h));
        }
    }
}
