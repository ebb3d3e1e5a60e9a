//! The register block of the dense product, in the best form that the target has.
//!
//! MR × NR = 4 × 8 sums are kept in 8 of the 16 registers of 128 bits that an x86 processor has: row i in two vectors of
//! four lanes. For each depth p two vectors of B are loaded, and each entry of A is spread over all lanes of a register:
//!
//! ```text
//!                      b[p·8 + 0 .. 4]    b[p·8 + 4 .. 8]
//!                      low                high
//! a[p·4 + 0] spread    acc[0][0] += x·low  acc[0][1] += x·high
//! a[p·4 + 1] spread    acc[1][0] += x·low  acc[1][1] += x·high
//! a[p·4 + 2] spread    acc[2][0] += x·low  acc[2][1] += x·high
//! a[p·4 + 3] spread    acc[3][0] += x·low  acc[3][1] += x·high
//! ```
//!
//! So 8 + 2 + 1 registers are in use. Blocks of 5 and 6 rows need more than there are, and are slower.

/// Rows of the register block.
pub const MR: usize = 4;
/// Columns of the register block.
pub const NR: usize = 8;

/// `acc[i][j] = Σ_p a[p·MR + i] · b[p·NR + j]` over the packed panels `a` (`depth × MR`) and `b` (`depth × NR`).
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub fn multiply_panels(a: &[f32], b: &[f32]) -> [[f32; NR]; MR] {
    let mut acc = [[0.0f32; NR]; MR];
    for (column, row) in a.chunks_exact(MR).zip(b.chunks_exact(NR)) {
        for (sums, &x) in acc.iter_mut().zip(column) {
            for (sum, &y) in sums.iter_mut().zip(row) {
                *sum += x * y;
            }
        }
    }
    acc
}

/// `acc[i][j] = Σ_p a[p·MR + i] · b[p·NR + j]` over the packed panels `a` (`depth × MR`) and `b` (`depth × NR`).
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub fn multiply_panels(a: &[f32], b: &[f32]) -> [[f32; NR]; MR] {
    use core::arch::wasm32::{f32x4_splat, v128, v128_load, v128_load32_splat};
    let depth = (a.len() / MR).min(b.len() / NR);
    let mut acc: [[v128; 2]; MR] = [[f32x4_splat(0.0); 2]; MR];
    let (mut a_ptr, mut b_ptr) = (a.as_ptr(), b.as_ptr());
    for _ in 0..depth {
        // SAFETY: the loop runs `depth` times and moves by MR and NR, so every load stays within `a` and `b`; WebAssembly
        // loads need no alignment.
        unsafe {
            let low = v128_load(b_ptr.cast());
            let high = v128_load(b_ptr.add(4).cast());
            for (i, sums) in acc.iter_mut().enumerate() {
                let x = v128_load32_splat(a_ptr.add(i).cast());
                sums[0] = fused(x, low, sums[0]);
                sums[1] = fused(x, high, sums[1]);
            }
            a_ptr = a_ptr.add(MR);
            b_ptr = b_ptr.add(NR);
        }
    }
    stored(&acc)
}

/// An operand that is read where it lies: entry (i, p), p of the summation, is `data[i·row + p·depth]`.
#[derive(Clone, Copy)]
pub struct Strided<'a> {
    /// The entries.
    pub data: &'a [f32],
    /// Distance between rows of A, or columns of B.
    pub row: usize,
    /// Distance between terms of a sum.
    pub depth: usize,
}

impl<'a> Strided<'a> {
    /// The same operand from row (of A; column of B) `first` on.
    pub fn from(self, first: usize) -> Self {
        Strided { data: &self.data[first * self.row..], ..self }
    }

    /// One entry.
    pub fn at(self, i: usize, p: usize) -> f32 {
        self.data[i * self.row + p * self.depth]
    }

    /// Whether `rows` rows have entries up to `depth`.
    fn has(self, rows: usize, depth: usize) -> bool {
        (rows - 1) * self.row + (depth - 1) * self.depth < self.data.len()
    }
}

/// `acc[i][j] = Σ_p A(i, p) · B(j, p)` for the first MR rows of A and NR columns of B, which are neighbours in memory.
///
/// # Panics
/// When an operand is too short, or columns of B are not neighbours.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub fn multiply_strided(a: Strided<'_>, b: Strided<'_>, depth: usize) -> [[f32; NR]; MR] {
    assert!(depth > 0 && a.has(MR, depth) && b.has(NR, depth) && b.row == 1);
    let mut acc = [[0.0f32; NR]; MR];
    for p in 0..depth {
        let row = &b.data[p * b.depth..p * b.depth + NR];
        for (i, sums) in acc.iter_mut().enumerate() {
            let x = a.at(i, p);
            for (sum, &y) in sums.iter_mut().zip(row) {
                *sum += x * y;
            }
        }
    }
    acc
}

/// `acc[i][j] = Σ_p A(i, p) · B(j, p)` for the first MR rows of A and NR columns of B, which are neighbours in memory.
///
/// # Panics
/// When an operand is too short, or columns of B are not neighbours.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub fn multiply_strided(a: Strided<'_>, b: Strided<'_>, depth: usize) -> [[f32; NR]; MR] {
    use core::arch::wasm32::{f32x4_splat, v128, v128_load, v128_load32_splat};
    assert!(depth > 0 && a.has(MR, depth) && b.has(NR, depth) && b.row == 1);
    let mut acc: [[v128; 2]; MR] = [[f32x4_splat(0.0); 2]; MR];
    for p in 0..depth {
        // SAFETY: the assertion covers the farthest entries of both operands, for p = depth − 1; WebAssembly loads need no
        // alignment.
        unsafe {
            let row = b.data.as_ptr().add(p * b.depth);
            let low = v128_load(row.cast());
            let high = v128_load(row.add(4).cast());
            for (i, sums) in acc.iter_mut().enumerate() {
                let x = v128_load32_splat(a.data.as_ptr().add(i * a.row + p * a.depth).cast());
                sums[0] = fused(x, low, sums[0]);
                sums[1] = fused(x, high, sums[1]);
            }
        }
    }
    stored(&acc)
}

/// The register block as numbers.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
fn stored(acc: &[[core::arch::wasm32::v128; 2]; MR]) -> [[f32; NR]; MR] {
    use core::arch::wasm32::v128_store;
    let mut out = [[0.0f32; NR]; MR];
    for (row, sums) in out.iter_mut().zip(acc) {
        // SAFETY: a row of `out` is NR = 8 floats, two vectors of four.
        unsafe {
            v128_store(row.as_mut_ptr().cast(), sums[0]);
            v128_store(row.as_mut_ptr().add(4).cast(), sums[1]);
        }
    }
    out
}

/// x·y + z, rounded once where the target can.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
pub(crate) fn fused(
    x: core::arch::wasm32::v128,
    y: core::arch::wasm32::v128,
    z: core::arch::wasm32::v128,
) -> core::arch::wasm32::v128 {
    #[cfg(target_feature = "relaxed-simd")]
    return core::arch::wasm32::f32x4_relaxed_madd(x, y, z);
    #[cfg(not(target_feature = "relaxed-simd"))]
    return core::arch::wasm32::f32x4_add(core::arch::wasm32::f32x4_mul(x, y), z);
}
