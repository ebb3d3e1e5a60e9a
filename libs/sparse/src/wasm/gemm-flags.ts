/** How a dense product reads its operands, and what it computes; the crate has the same in `ffi/gram.rs`. */
export const TRANSPOSE_A = 1;
export const TRANSPOSE_B = 2;
/** Of C. */
export const LOWER_ONLY = 4;
/** As they are stored. */
export const LOWER_TRIANGULAR_A = 8;
export const LOWER_TRIANGULAR_B = 16;
