//! What can be wrong with the arguments of a kernel.
#![forbid(unsafe_code)]

/// A refused call. Nothing was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KernelError {
    /// Lengths or dimensions do not belong together.
    Shape,
    /// A row's column indices are not strictly ascending or not below the number of columns.
    Index,
    /// A value is NaN or infinite.
    NotFinite,
    /// The matrix is not positive definite: the pivot of this row is not above zero.
    NotPositiveDefinite {
        /// Row of the pivot, counted within the block that was given.
        pivot: usize,
    },
}
