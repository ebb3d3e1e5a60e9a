//! Sparse and dense linear algebra on borrowed slices: no I/O, no clock, no models.
//!
//! Dense matrices are row-major `f32`; sparse ones are CSR. A large symmetric matrix lives outside of this crate as
//! square tiles of its lower triangle; the kernels here work on one tile, or one strip of rows, at a time.

pub mod als;
pub mod cholesky;
pub mod csr;
pub mod eigen;
pub mod error;
pub mod factors;
pub mod gemm;
pub mod gram;
pub mod largest;
pub mod losses;
pub mod propagation;
pub mod real;
pub mod similarity;
pub mod spmm;
pub mod tall;
pub mod top_k;

mod lanes;
mod rows;
mod simd;

#[cfg(target_arch = "wasm32")]
mod ffi;
