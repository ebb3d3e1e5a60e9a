//! The WebAssembly exports: numbers and addresses in, a status code out. Only conversion happens here.
//!
//! Status: 0 done, 1 shape, 2 index, 3 not finite, 4 + pivot not positive definite. Counts that can be large come out
//! through memory that the caller owns. Files are named as the folders of `src/` that call what they export; what a caller
//! promises stands in [`memory`].

mod gram;
mod memory;
mod scoring;
mod spectrum;
mod training;

use crate::error::KernelError;
use crate::simd::{multiply_panels, MR, NR};
use core::hint::black_box;
use std::alloc::{alloc, dealloc, Layout};

/// Changes with every change of the exports.
const ABI_VERSION: u32 = 9;
const ALIGNMENT: usize = 16;

fn status(result: Result<(), KernelError>) -> u32 {
    match result {
        Ok(()) => 0,
        Err(KernelError::Shape) => 1,
        Err(KernelError::Index) => 2,
        Err(KernelError::NotFinite) => 3,
        Err(KernelError::NotPositiveDefinite { pivot }) => 4 + pivot as u32,
    }
}

/// Version of this interface.
#[no_mangle]
pub extern "C" fn abi_version() -> u32 {
    ABI_VERSION
}

/// Address of `bytes` fresh bytes, aligned to 16, or 0 when there is no room.
#[no_mangle]
pub extern "C" fn allocate(bytes: usize) -> *mut u8 {
    match Layout::from_size_align(bytes.max(1), ALIGNMENT) {
        // SAFETY: the layout has a size above zero.
        Ok(layout) => unsafe { alloc(layout) },
        Err(_) => core::ptr::null_mut(),
    }
}

/// Gives back what [`allocate`] returned for the same number of bytes.
///
/// # Safety
/// `address` came from `allocate(bytes)` and is not used again.
#[no_mangle]
pub unsafe extern "C" fn release(address: *mut u8, bytes: usize) {
    if let Ok(layout) = Layout::from_size_align(bytes.max(1), ALIGNMENT) {
        // SAFETY: by contract the block was allocated with this very layout.
        unsafe { dealloc(address, layout) };
    }
}

/// Runs the register block `repeats` times over panels of depth 256 that stay in the first-level cache, and answers the
/// FLOPs of one run: the speed that nothing built on it can pass.
#[no_mangle]
pub extern "C" fn run_micro_kernel(repeats: usize) -> usize {
    const DEPTH: usize = 256;
    let (a, b) = (vec![1.0f32; MR * DEPTH], vec![1.0f32; NR * DEPTH]);
    for _ in 0..repeats {
        black_box(multiply_panels(black_box(&a), black_box(&b)));
    }
    2 * MR * NR * DEPTH
}
