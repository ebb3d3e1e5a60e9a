//! Number types that a gradient is computed in: `f32` to train, `f64` to check the derivation.
#![forbid(unsafe_code)]

use crate::gemm::{gemm, Operand};
use core::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

/// A dense operand without padding, read transposed if the flag says so.
pub type Factor<'a, T> = (&'a [T], bool);

/// What the trained models need of a number.
pub trait Real:
    Copy
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
{
    /// 0.
    const ZERO: Self;
    /// The nearest number.
    fn of(value: f64) -> Self;
    /// The number in double precision.
    fn wide(self) -> f64;
    /// √x
    fn root(self) -> Self;
    /// e^x for x ≤ 0.
    fn exp_negative(self) -> Self;
    /// C ← α·A·B with A `m × k`, B `k × n`, C `m × n`; the order of summation depends on the shapes alone.
    fn product(dims: (usize, usize, usize), alpha: Self, a: Factor<'_, Self>, b: Factor<'_, Self>, c: &mut [Self]);
}

impl Real for f32 {
    const ZERO: Self = 0.0;

    fn of(value: f64) -> Self {
        value as f32
    }

    fn wide(self) -> f64 {
        f64::from(self)
    }

    fn root(self) -> Self {
        self.sqrt()
    }

    /// 2^n·e^r with n = round(x / ln 2), by a polynomial of degree 6 in r that vectorises; relative error below 2e-7.
    #[inline(always)]
    fn exp_negative(self) -> Self {
        const ROUND: f32 = 12_582_912.0;
        let x = if self < -87.0 { -87.0 } else { self };
        let shifted = x * core::f32::consts::LOG2_E + ROUND;
        let n = shifted - ROUND;
        let r = (x - n * 0.693_359_4) + n * 2.121_944_4e-4;
        let tail = ((1.0 / 720.0 * r + 1.0 / 120.0) * r + 1.0 / 24.0) * r + 1.0 / 6.0;
        let power = f32::from_bits(shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23);
        (((tail * r + 0.5) * r + 1.0) * r + 1.0) * power
    }

    fn product((m, n, k): (usize, usize, usize), alpha: f32, a: Factor<'_, f32>, b: Factor<'_, f32>, c: &mut [f32]) {
        let operand = |(data, transposed), rows, cols| Operand {
            data,
            stride: if transposed { rows } else { cols },
            transposed,
            lower_triangular: false,
        };
        c.fill(0.0);
        let fits = gemm((m, n, k), alpha, operand(a, m, k), operand(b, k, n), (c, n), false);
        debug_assert!(fits.is_ok());
    }
}

impl Real for f64 {
    const ZERO: Self = 0.0;

    fn of(value: f64) -> Self {
        value
    }

    fn wide(self) -> f64 {
        self
    }

    fn root(self) -> Self {
        self.sqrt()
    }

    fn exp_negative(self) -> Self {
        self.exp()
    }

    fn product((m, n, k): (usize, usize, usize), alpha: f64, a: Factor<'_, f64>, b: Factor<'_, f64>, c: &mut [f64]) {
        let at = |(data, transposed): Factor<'_, f64>, (row, col), (rows, cols)| -> f64 {
            data[if transposed { col * rows + row } else { row * cols + col }]
        };
        for row in 0..m {
            for col in 0..n {
                let terms = (0..k).map(|p| at(a, (row, p), (m, k)) * at(b, (p, col), (k, n)));
                c[row * n + col] = alpha * terms.sum::<f64>();
            }
        }
    }
}
