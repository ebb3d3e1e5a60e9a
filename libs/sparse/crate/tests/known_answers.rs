//! Answers worked out by hand, and every refusal.

use sparserec_kernels::cholesky::inverse_of_factor;
use sparserec_kernels::csr::Csr;
use sparserec_kernels::error::KernelError;
use sparserec_kernels::gemm::{gemm, Operand};
use sparserec_kernels::top_k::top_k;

#[test]
fn inverse_of_the_factor_of_a_two_by_two_matrix() {
    // A = [[4, 2], [2, 5]] = LLᵀ with L = [[2, 0], [1, 2]], so L⁻¹ = [[1/2, 0], [-1/4, 1/2]].
    let mut a = [4.0, f32::NAN, 2.0, 5.0];
    inverse_of_factor(&mut a, 2).unwrap();
    assert_eq!(a, [0.5, 0.0, -0.25, 0.5]);
}

#[test]
fn ties_go_to_the_lower_index_and_zeros_are_equal() {
    let mut scores = [0.0, 1.0, -0.0, 1.0];
    let mut out = [0u32; 4];
    assert_eq!(top_k(&mut scores, &[1; 4], &mut out), Ok(4));
    assert_eq!(out, [1, 3, 0, 2]);
}

#[test]
fn parts_that_make_no_matrix_are_refused() {
    let refused = |indptr: &[u32], indices: &[u32], values: &[f32]| Csr::try_new(3, indptr, indices, values).err();
    assert_eq!(refused(&[], &[], &[]), Some(KernelError::Shape));
    assert_eq!(refused(&[1, 1], &[0], &[1.0]), Some(KernelError::Shape));
    assert_eq!(refused(&[0, 2, 1, 2], &[0, 1], &[1.0; 2]), Some(KernelError::Shape));
    assert_eq!(refused(&[0, 1], &[0], &[]), Some(KernelError::Shape));
    assert_eq!(refused(&[0, 2], &[1, 1], &[1.0; 2]), Some(KernelError::Index));
    assert_eq!(refused(&[0, 2], &[2, 1], &[1.0; 2]), Some(KernelError::Index));
    assert_eq!(refused(&[0, 1], &[3], &[1.0]), Some(KernelError::Index));
    assert_eq!(refused(&[0, 1], &[2], &[f32::NAN]), Some(KernelError::NotFinite));
    assert_eq!(refused(&[0, 2], &[0, 2], &[1.0; 2]), None);
}

#[test]
fn operands_that_are_too_short_are_refused() {
    let data = [0.0f32; 5];
    let operand = Operand { data: &data, stride: 3, transposed: false, lower_triangular: false };
    let mut c = [0.0f32; 4];
    assert_eq!(gemm((2, 2, 3), 1.0, operand, operand, (&mut c, 2), false), Err(KernelError::Shape));
    assert_eq!(inverse_of_factor(&mut c, 3), Err(KernelError::Shape));
}
