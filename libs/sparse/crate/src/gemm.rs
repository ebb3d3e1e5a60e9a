//! Packed dense product.
#![forbid(unsafe_code)]

use crate::error::KernelError;
use crate::simd::{multiply_panels, MR, NR};

/// Depth of a packed panel: MR and NR rows of it stay in the first-level cache.
const DEPTH: usize = 256;
/// Rows of A that are packed at a time.
const ROWS: usize = 128;

/// A dense row-major operand that starts at `data[0]`: entry (r, c) is `data[r·stride + c]`, or `data[c·stride + r]`
/// when it is read transposed.
#[derive(Debug, Clone, Copy)]
pub struct Operand<'a> {
    /// The entries.
    pub data: &'a [f32],
    /// Distance between rows as stored.
    pub stride: usize,
    /// Read rows as columns.
    pub transposed: bool,
}

impl Operand<'_> {
    fn fits(&self, rows: usize, cols: usize) -> bool {
        let (stored_rows, stored_cols) = if self.transposed { (cols, rows) } else { (rows, cols) };
        stored_cols <= self.stride && self.data.len() >= (stored_rows - 1) * self.stride + stored_cols
    }

    fn at(&self, row: usize, col: usize) -> f32 {
        self.data[if self.transposed { col * self.stride + row } else { row * self.stride + col }]
    }
}

/// C ← C + α·A·B with A `m × k`, B `k × n`, C `m × n` row-major with distance `c_stride` between rows. With
/// `lower_only` (SYRK) blocks entirely above the diagonal are left untouched. The order of summation depends on the
/// shapes alone.
///
/// # Errors
/// [`KernelError::Shape`] when an operand is too short.
pub fn gemm(
    (m, n, k): (usize, usize, usize),
    alpha: f32,
    a: Operand<'_>,
    b: Operand<'_>,
    (c, c_stride): (&mut [f32], usize),
    lower_only: bool,
) -> Result<(), KernelError> {
    if m == 0 || n == 0 || k == 0 {
        return Ok(());
    }
    if !a.fits(m, k) || !b.fits(k, n) || n > c_stride || c.len() < (m - 1) * c_stride + n {
        return Err(KernelError::Shape);
    }
    let mut b_panels = vec![0.0f32; n.div_ceil(NR) * NR * DEPTH.min(k)];
    let mut a_panels = vec![0.0f32; ROWS.min(m.div_ceil(MR) * MR) * DEPTH.min(k)];
    for start in (0..k).step_by(DEPTH) {
        let depth = DEPTH.min(k - start);
        pack::<NR>(&mut b_panels, depth, n, |p, j| b.at(start + p, j));
        for top in (0..m).step_by(ROWS) {
            let rows = ROWS.min(m - top);
            pack::<MR>(&mut a_panels, depth, rows, |p, i| alpha * a.at(top + i, start + p));
            add_block((top, rows, n, depth), &a_panels, &b_panels, (c, c_stride), lower_only);
        }
    }
    Ok(())
}

/// Packs `width` vectors of length `depth` into panels of `W` side by side; the last panel is filled up with zeros.
fn pack<const W: usize>(panels: &mut [f32], depth: usize, width: usize, at: impl Fn(usize, usize) -> f32) {
    for (panel, first) in panels.chunks_exact_mut(W * depth).zip((0..width).step_by(W)) {
        for (p, group) in panel.chunks_exact_mut(W).enumerate() {
            for (offset, slot) in group.iter_mut().enumerate() {
                *slot = if first + offset < width { at(p, first + offset) } else { 0.0 };
            }
        }
    }
}

fn add_block(
    (top, rows, n, depth): (usize, usize, usize, usize),
    a_panels: &[f32],
    b_panels: &[f32],
    (c, c_stride): (&mut [f32], usize),
    lower_only: bool,
) {
    for (left, b) in (0..n).step_by(NR).zip(b_panels.chunks_exact(NR * depth)) {
        for (first, a) in (0..rows).step_by(MR).zip(a_panels.chunks_exact(MR * depth)) {
            if lower_only && left > top + first + MR - 1 {
                continue;
            }
            let sums = multiply_panels(a, b);
            let width = NR.min(n - left);
            for (i, row) in sums.iter().enumerate().take(MR.min(rows - first)) {
                let at = (top + first + i) * c_stride + left;
                for (entry, &sum) in c[at..at + width].iter_mut().zip(row) {
                    *entry += sum;
                }
            }
        }
    }
}
