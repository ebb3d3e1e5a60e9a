//! CSR matrices in memory.

use super::status;
use crate::csr::{self, Csr};
use crate::error::KernelError;
use core::slice::{from_raw_parts, from_raw_parts_mut};

/// The three arrays of a CSR matrix in memory, and its shape.
#[repr(C)]
pub struct RawCsr {
    num_rows: usize,
    num_cols: usize,
    indptr: *const u32,
    indices: *const u32,
    values: *const f32,
    nnz: usize,
}

/// Number of columns, `indptr`, `indices` and `values` of a matrix in memory.
type CsrParts<'a> = (usize, &'a [u32], &'a [u32], &'a [f32]);

/// # Safety
/// The addresses hold as many values as the shape says, and live for `'a`.
unsafe fn parts<'a>(raw: *const RawCsr) -> CsrParts<'a> {
    // SAFETY: by contract.
    unsafe {
        let raw = &*raw;
        let indptr = from_raw_parts(raw.indptr, raw.num_rows + 1);
        (raw.num_cols, indptr, from_raw_parts(raw.indices, raw.nnz), from_raw_parts(raw.values, raw.nnz))
    }
}

/// # Safety
/// As for [`parts`].
pub(super) unsafe fn borrow<'a>(raw: *const RawCsr) -> Result<Csr<'a>, KernelError> {
    // SAFETY: by contract.
    let (num_cols, indptr, indices, values) = unsafe { parts(raw) };
    Csr::new_trusted(num_cols, indptr, indices, values)
}

/// Checks a matrix in memory once; the other exports then take it on trust.
///
/// # Safety
/// `raw` describes memory of this instance.
#[no_mangle]
pub unsafe extern "C" fn check_csr(raw: *const RawCsr) -> u32 {
    // SAFETY: by contract.
    let (num_cols, indptr, indices, values) = unsafe { parts(raw) };
    status(Csr::try_new(num_cols, indptr, indices, values).map(|_| ()))
}

/// [`csr::transpose`]: `out` describes the memory to fill.
///
/// # Safety
/// `raw` was checked; the arrays of `out` are writable and overlap nothing.
#[no_mangle]
pub unsafe extern "C" fn transpose(raw: *const RawCsr, out: *const RawCsr) -> u32 {
    // SAFETY: by contract.
    status(unsafe {
        borrow(raw).and_then(|x| {
            let out = &*out;
            csr::transpose(
                &x,
                from_raw_parts_mut(out.indptr.cast_mut(), out.num_rows + 1),
                from_raw_parts_mut(out.indices.cast_mut(), out.nnz),
                from_raw_parts_mut(out.values.cast_mut(), out.nnz),
            )
        })
    })
}
