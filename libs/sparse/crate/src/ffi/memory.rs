//! Numbers and matrices in memory, by their addresses.
//!
//! # What the caller of an export promises
//!
//! Every address that it passes, itself or within a description such as [`RawCsr`], is one of this instance's memory that
//! [`allocate`](super::allocate) gave it, and holds as many values as the export says. No other export runs meanwhile over
//! what is written, and what is written overlaps nothing else that is passed. A matrix has been accepted by [`check_csr`],
//! or by the constructor of `CsrMatrix`, which refuses what [`Csr::try_new`] does.

use super::status;
use crate::csr::{self, Csr};
use crate::error::KernelError;
use crate::factors::Factors;
use core::slice::{from_raw_parts, from_raw_parts_mut};

/// The address of numbers, as it comes from the other side; nothing on this side makes one.
#[repr(transparent)]
pub struct RawSlice<T>(*const T);

impl<T> Clone for RawSlice<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for RawSlice<T> {}

impl<T> RawSlice<T> {
    /// The `length` values that lie there.
    pub(super) fn read<'a>(self, length: usize) -> &'a [T] {
        // SAFETY: an address comes from the caller of an export alone, who promises that it holds what the export asks for
        // (see the module); no export asks for more than its documentation says, or keeps it.
        unsafe { from_raw_parts(self.0, length) }
    }

    /// Room for `length` values, with what lies there.
    pub(super) fn write<'a>(self, length: usize) -> &'a mut [T] {
        // SAFETY: as in `read`; the caller promises too that what is written overlaps nothing else (see the module).
        unsafe { from_raw_parts_mut(self.0.cast_mut(), length) }
    }

    /// The `length` values that lie there, if there is an address.
    pub(super) fn read_unless_null<'a>(self, length: usize) -> Option<&'a [T]> {
        (!self.0.is_null()).then(|| self.read(length))
    }

    /// The one value that lies there.
    pub(super) fn get<'a>(self) -> &'a T {
        &self.read(1)[0]
    }

    /// Puts one value there.
    pub(super) fn put(self, value: T) {
        self.write(1)[0] = value;
    }

    fn cast<U>(self) -> RawSlice<U> {
        RawSlice(self.0.cast())
    }
}

/// The three arrays of a CSR matrix in memory, and its shape.
#[repr(C)]
pub struct RawCsr {
    num_rows: usize,
    num_cols: usize,
    indptr: RawSlice<u32>,
    indices: RawSlice<u32>,
    values: RawSlice<f32>,
    nnz: usize,
}

impl RawCsr {
    /// `indptr`, `indices` and `values`.
    fn parts<'a>(&self) -> (&'a [u32], &'a [u32], &'a [f32]) {
        (self.indptr.read(self.num_rows + 1), self.indices.read(self.nnz), self.values.read(self.nnz))
    }
}

impl RawSlice<RawCsr> {
    /// The matrix, which has been checked before.
    pub(super) fn borrow<'a>(self) -> Result<Csr<'a>, KernelError> {
        let raw = self.get();
        let (indptr, indices, values) = raw.parts();
        // SAFETY: the caller of an export promises that the matrix has been accepted before (see the module).
        unsafe { Csr::new_trusted(raw.num_cols, indptr, indices, values) }
    }
}

/// Checks a matrix in memory once; the other exports then take it on trust.
#[no_mangle]
pub extern "C" fn check_csr(raw: RawSlice<RawCsr>) -> u32 {
    let raw = raw.get();
    let (indptr, indices, values) = raw.parts();
    status(Csr::try_new(raw.num_cols, indptr, indices, values).map(|_| ()))
}

/// [`csr::transpose`]: `out` describes the memory to fill.
#[no_mangle]
pub extern "C" fn transpose(x: RawSlice<RawCsr>, out: RawSlice<RawCsr>) -> u32 {
    let out = out.get();
    status(x.borrow().and_then(|x| {
        csr::transpose(&x, out.indptr.write(out.num_rows + 1), out.indices.write(out.nnz), out.values.write(out.nnz))
    }))
}

/// Factors in memory: floats, or int8 where there are scales.
#[repr(C)]
pub struct RawFactors {
    pub(super) num_rows: usize,
    pub(super) width: usize,
    rows: RawSlice<u8>,
    scales: RawSlice<f32>,
}

impl RawFactors {
    pub(super) fn borrow<'a>(&self) -> Factors<'a> {
        let length = self.num_rows * self.width;
        match self.scales.read_unless_null(self.num_rows) {
            None => Factors::Floats(self.rows.cast().read(length)),
            Some(scales) => Factors::Bytes { rows: self.rows.cast().read(length), scales },
        }
    }
}
