//! A block of floats in registers, in the best form that the target has, read from any type in which numbers are stored.

/// Floats of a block: as many as the lanes of four 128-bit vectors, so that additions need not wait for one another.
pub const LANES: usize = 16;

/// A type in which numbers are stored; each of its values is a float.
pub trait Stored: Copy + Into<f32> {
    /// The floats of a block.
    fn widen(block: &[Self; LANES]) -> Lanes;
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod portable {
    use super::{Stored, LANES};

    /// LANES floats.
    #[derive(Clone, Copy)]
    pub struct Lanes([f32; LANES]);

    impl Lanes {
        /// Zeros.
        pub const ZERO: Self = Self([0.0; LANES]);

        /// self + a·b
        #[inline(always)]
        pub fn plus_product(self, a: Self, b: Self) -> Self {
            Self(core::array::from_fn(|lane| self.0[lane] + a.0[lane] * b.0[lane]))
        }

        /// The sum over all lanes.
        #[inline(always)]
        pub fn sum(self) -> f32 {
            let quarter = |lane: usize| (self.0[lane] + self.0[lane + 4]) + (self.0[lane + 8] + self.0[lane + 12]);
            (quarter(0) + quarter(1)) + (quarter(2) + quarter(3))
        }
    }

    impl Stored for f32 {
        #[inline(always)]
        fn widen(block: &[f32; LANES]) -> Lanes {
            Lanes(*block)
        }
    }

    impl Stored for i8 {
        #[inline(always)]
        fn widen(block: &[i8; LANES]) -> Lanes {
            Lanes(block.map(f32::from))
        }
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod vectors {
    use super::{Stored, LANES};
    use crate::simd::fused;
    use core::arch::wasm32::{
        f32x4, f32x4_add, f32x4_convert_i32x4, f32x4_extract_lane, i16x8_extend_high_i8x16, i16x8_extend_low_i8x16,
        i32x4_extend_high_i16x8, i32x4_extend_low_i16x8, v128, v128_load,
    };

    /// LANES floats.
    #[derive(Clone, Copy)]
    pub struct Lanes([v128; 4]);

    impl Lanes {
        /// Zeros.
        pub const ZERO: Self = Self([f32x4(0.0, 0.0, 0.0, 0.0); 4]);

        /// self + a·b
        #[inline(always)]
        pub fn plus_product(self, a: Self, b: Self) -> Self {
            Self(core::array::from_fn(|part| fused(a.0[part], b.0[part], self.0[part])))
        }

        /// The sum over all lanes.
        #[inline(always)]
        pub fn sum(self) -> f32 {
            let [a, b, c, d] = self.0;
            let sums = f32x4_add(f32x4_add(a, b), f32x4_add(c, d));
            (f32x4_extract_lane::<0>(sums) + f32x4_extract_lane::<1>(sums))
                + (f32x4_extract_lane::<2>(sums) + f32x4_extract_lane::<3>(sums))
        }
    }

    impl Stored for f32 {
        #[inline(always)]
        fn widen(block: &[f32; LANES]) -> Lanes {
            let start: *const v128 = block.as_ptr().cast();
            // SAFETY: a block is LANES = 16 floats, four vectors; WebAssembly loads need no alignment.
            Lanes(core::array::from_fn(|part| unsafe { v128_load(start.add(part)) }))
        }
    }

    impl Stored for i8 {
        #[inline(always)]
        fn widen(block: &[i8; LANES]) -> Lanes {
            // SAFETY: a block is LANES = 16 bytes, one vector; WebAssembly loads need no alignment.
            let all = unsafe { v128_load(block.as_ptr().cast()) };
            let (low, high) = (i16x8_extend_low_i8x16(all), i16x8_extend_high_i8x16(all));
            Lanes([
                f32x4_convert_i32x4(i32x4_extend_low_i16x8(low)),
                f32x4_convert_i32x4(i32x4_extend_high_i16x8(low)),
                f32x4_convert_i32x4(i32x4_extend_low_i16x8(high)),
                f32x4_convert_i32x4(i32x4_extend_high_i16x8(high)),
            ])
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub use portable::Lanes;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use vectors::Lanes;
