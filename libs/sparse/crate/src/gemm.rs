//! Packed dense product.
#![forbid(unsafe_code)]

use crate::error::KernelError;
use crate::simd::{multiply_panels, MR, NR};
use core::ops::Range;

/// Depth of a packed panel. A panel of B takes NR·DEPTH·4 = 8 KiB and one of A MR·DEPTH·4 = 4 KiB: both, and the block of
/// C, stay in a first-level cache of 32 KiB while the register block runs over them.
const DEPTH: usize = 256;
/// Rows of A that are packed at a time: ROWS·DEPTH·4 = 128 KiB, which stay in a second-level cache of 256 KiB or more while
/// one panel of B after the other passes over them.
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
    /// All entries above the diagonal, as stored, are zeros: products with them are left out.
    pub lower_triangular: bool,
}

impl Operand<'_> {
    fn fits(&self, rows: usize, cols: usize) -> bool {
        let (stored_rows, stored_cols) = if self.transposed { (cols, rows) } else { (rows, cols) };
        stored_cols <= self.stride && self.data.len() >= (stored_rows - 1) * self.stride + stored_cols
    }

    /// Depths at which the rows `first .. first + MR` of A have entries.
    fn depths_of_rows(&self, first: usize, depth: usize) -> Range<usize> {
        match (self.lower_triangular, self.transposed) {
            (false, _) => 0..depth,
            (true, false) => 0..depth.min(first + MR),
            (true, true) => first.min(depth)..depth,
        }
    }

    /// Depths at which the columns `first .. first + NR` of B have entries.
    fn depths_of_columns(&self, first: usize, depth: usize) -> Range<usize> {
        match (self.lower_triangular, self.transposed) {
            (false, _) => 0..depth,
            (true, false) => first.min(depth)..depth,
            (true, true) => 0..depth.min(first + NR),
        }
    }

    /// The vectors from `first` on, from entry `start` on.
    fn vectors(&self, side_by_side: bool, first: usize, start: usize) -> Vectors<'_> {
        let offset = if side_by_side { start * self.stride + first } else { first * self.stride + start };
        Vectors { data: &self.data[offset..], stride: self.stride, side_by_side }
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
        pack::<NR>(&mut b_panels, depth, n, 1.0, |first| b.vectors(!b.transposed, first, start));
        for top in (0..m).step_by(ROWS) {
            let rows = ROWS.min(m - top);
            pack::<MR>(&mut a_panels, depth, rows, alpha, |first| a.vectors(a.transposed, top + first, start));
            let within = Block { top, rows, start, depth, n };
            add_block(&within, (&a, &a_panels), (&b, &b_panels), (c, c_stride), lower_only);
        }
    }
    Ok(())
}

/// Entries of `W` neighbouring vectors, from one depth on: side by side in a row, or each in a row of its own.
struct Vectors<'a> {
    data: &'a [f32],
    stride: usize,
    side_by_side: bool,
}

/// Packs `width` vectors of length `depth`, times `alpha`, into panels of `W` side by side; the last panel is filled up
/// with zeros.
fn pack<'a, const W: usize>(
    panels: &mut [f32],
    depth: usize,
    width: usize,
    alpha: f32,
    vectors: impl Fn(usize) -> Vectors<'a>,
) {
    for (panel, first) in panels.chunks_exact_mut(W * depth).zip((0..width).step_by(W)) {
        let Vectors { data, stride, side_by_side } = vectors(first);
        let used = W.min(width - first);
        if used < W {
            panel.fill(0.0);
        }
        if side_by_side {
            for (group, row) in panel.chunks_exact_mut(W).zip(data.chunks(stride)) {
                scale_into(&mut group[..used], &row[..used], alpha);
            }
        } else {
            for (offset, row) in data.chunks(stride).take(used).enumerate() {
                for (slot, &entry) in panel[offset..].iter_mut().step_by(W).zip(&row[..depth]) {
                    *slot = alpha * entry;
                }
            }
        }
    }
}

fn scale_into(out: &mut [f32], values: &[f32], alpha: f32) {
    for (slot, &value) in out.iter_mut().zip(values) {
        *slot = alpha * value;
    }
}

/// Rows `top ..` of C and A, and depths `start ..`.
struct Block {
    top: usize,
    rows: usize,
    start: usize,
    depth: usize,
    n: usize,
}

fn add_block(
    &Block { top, rows, start, depth, n }: &Block,
    (a, a_panels): (&Operand<'_>, &[f32]),
    (b, b_panels): (&Operand<'_>, &[f32]),
    (c, c_stride): (&mut [f32], usize),
    lower_only: bool,
) {
    let end = start + depth;
    for (left, b_panel) in (0..n).step_by(NR).zip(b_panels.chunks_exact(NR * depth)) {
        let in_columns = b.depths_of_columns(left, end);
        for (first, a_panel) in (0..rows).step_by(MR).zip(a_panels.chunks_exact(MR * depth)) {
            if lower_only && left > top + first + MR - 1 {
                continue;
            }
            let in_rows = a.depths_of_rows(top + first, end);
            let from = in_rows.start.max(in_columns.start).max(start) - start;
            let to = in_rows.end.min(in_columns.end).max(start) - start;
            if from >= to {
                continue;
            }
            let sums = multiply_panels(&a_panel[from * MR..to * MR], &b_panel[from * NR..to * NR]);
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

/// Side of the squares in which a matrix is transposed: two of them stay in the first-level cache.
const SQUARE: usize = 32;

/// `out` ← Aᵀ for a row-major `rows × cols` matrix A.
///
/// # Errors
/// [`KernelError::Shape`] when lengths do not fit.
pub fn transpose(rows: usize, cols: usize, a: &[f32], out: &mut [f32]) -> Result<(), KernelError> {
    if a.len() != rows * cols || out.len() != rows * cols {
        return Err(KernelError::Shape);
    }
    for top in (0..rows).step_by(SQUARE) {
        for left in (0..cols).step_by(SQUARE) {
            for col in left..cols.min(left + SQUARE) {
                for row in top..rows.min(top + SQUARE) {
                    out[col * rows + row] = a[row * cols + col];
                }
            }
        }
    }
    Ok(())
}
