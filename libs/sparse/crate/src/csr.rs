//! Compressed sparse rows.
#![deny(unsafe_code)]

use crate::error::KernelError;

/// A borrowed `num_rows × num_cols` matrix: row `r` holds `values[indptr[r]..indptr[r + 1]]` in the columns
/// `indices[indptr[r]..indptr[r + 1]]`, strictly ascending.
#[derive(Debug, Clone, Copy)]
pub struct Csr<'a> {
    num_cols: usize,
    indptr: &'a [u32],
    indices: &'a [u32],
    values: &'a [f32],
}

impl<'a> Csr<'a> {
    /// Checks the parts and borrows them.
    ///
    /// # Errors
    /// [`KernelError::Shape`] when lengths disagree or `indptr` falls, [`KernelError::Index`] when a row is not strictly
    /// ascending below `num_cols`, [`KernelError::NotFinite`] when a value is NaN or infinite.
    pub fn try_new(
        num_cols: usize,
        indptr: &'a [u32],
        indices: &'a [u32],
        values: &'a [f32],
    ) -> Result<Self, KernelError> {
        let nnz = *indptr.last().ok_or(KernelError::Shape)? as usize;
        if indptr[0] != 0 || nnz != indices.len() || nnz != values.len() {
            return Err(KernelError::Shape);
        }
        if indptr.windows(2).any(|pair| pair[0] > pair[1]) {
            return Err(KernelError::Shape);
        }
        let csr = Self { num_cols, indptr, indices, values };
        for row in 0..csr.num_rows() {
            let (columns, _) = csr.row(row);
            let ascending = columns.windows(2).all(|pair| pair[0] < pair[1]);
            if !ascending || columns.last().is_some_and(|&last| last as usize >= num_cols) {
                return Err(KernelError::Index);
            }
        }
        if values.iter().any(|value| !value.is_finite()) {
            return Err(KernelError::NotFinite);
        }
        Ok(csr)
    }

    /// Borrows parts without looking at every entry again; only lengths are.
    ///
    /// # Safety
    /// [`Csr::try_new`] accepts these very parts: `indptr` starts at 0 and never falls, each row's indices are strictly
    /// ascending and below `num_cols`, and all values are finite. Kernels read and write by indices without a check.
    #[cfg(target_arch = "wasm32")]
    #[allow(unsafe_code)] // A promise that is asked for; nothing unsafe is done.
    pub(crate) unsafe fn new_trusted(
        num_cols: usize,
        indptr: &'a [u32],
        indices: &'a [u32],
        values: &'a [f32],
    ) -> Result<Self, KernelError> {
        let nnz = *indptr.last().ok_or(KernelError::Shape)? as usize;
        if nnz != indices.len() || nnz != values.len() {
            return Err(KernelError::Shape);
        }
        Ok(Self { num_cols, indptr, indices, values })
    }

    /// Number of rows.
    pub fn num_rows(&self) -> usize {
        self.indptr.len() - 1
    }

    /// Number of columns.
    pub fn num_cols(&self) -> usize {
        self.num_cols
    }

    /// Number of stored entries.
    pub fn nnz(&self) -> usize {
        self.indices.len()
    }

    /// Columns and values of one row.
    pub fn row(&self, row: usize) -> (&'a [u32], &'a [f32]) {
        let range = self.indptr[row] as usize..self.indptr[row + 1] as usize;
        (&self.indices[range.clone()], &self.values[range])
    }
}

/// Writes Xᵀ in CSR: `indptr` has `x.num_cols() + 1` entries, `indices` and `values` as many as `x`.
///
/// # Errors
/// [`KernelError::Shape`] when an output has another length.
pub fn transpose(x: &Csr<'_>, indptr: &mut [u32], indices: &mut [u32], values: &mut [f32]) -> Result<(), KernelError> {
    if indptr.len() != x.num_cols() + 1 || indices.len() != x.nnz() || values.len() != x.nnz() {
        return Err(KernelError::Shape);
    }
    indptr.fill(0);
    for &column in x.indices {
        indptr[column as usize + 1] += 1;
    }
    for column in 0..x.num_cols() {
        indptr[column + 1] += indptr[column];
    }
    let mut next = indptr[..x.num_cols()].to_vec();
    for row in 0..x.num_rows() {
        let (columns, row_values) = x.row(row);
        for (&column, &value) in columns.iter().zip(row_values) {
            let slot = &mut next[column as usize];
            indices[*slot as usize] = row as u32;
            values[*slot as usize] = value;
            *slot += 1;
        }
    }
    Ok(())
}
