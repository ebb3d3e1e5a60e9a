#![allow(dead_code)]

pub mod naive;
pub mod rng;

use naive::Dense;
use rng::Rng;

/// Parts of a CSR matrix of its own.
pub struct Owned {
    pub num_cols: usize,
    pub indptr: Vec<u32>,
    pub indices: Vec<u32>,
    pub values: Vec<f32>,
}

/// Each entry is there with a chance of one in `sparsity`; some rows stay empty.
pub fn random_csr(rng: &mut Rng, rows: usize, num_cols: usize, sparsity: usize) -> Owned {
    let mut csr = Owned { num_cols, indptr: vec![0], indices: vec![], values: vec![] };
    for _ in 0..rows {
        let empty = rng.below(5) == 0;
        for col in 0..num_cols {
            if !empty && rng.below(sparsity) == 0 {
                csr.indices.push(col as u32);
                csr.values.push(rng.float());
            }
        }
        csr.indptr.push(csr.indices.len() as u32);
    }
    csr
}

pub fn dense(csr: &Owned) -> Dense {
    let mut out = Dense::zeros(csr.indptr.len() - 1, csr.num_cols);
    for row in 0..out.rows {
        for entry in csr.indptr[row] as usize..csr.indptr[row + 1] as usize {
            out.data[row * csr.num_cols + csr.indices[entry] as usize] = f64::from(csr.values[entry]);
        }
    }
    out
}

pub fn assert_close(actual: &[f32], expected: &[f64], tolerance: f64) {
    assert_eq!(actual.len(), expected.len());
    for (index, (&a, &e)) in actual.iter().zip(expected).enumerate() {
        assert!((f64::from(a) - e).abs() <= tolerance * (1.0 + e.abs()), "entry {index}: {a} is not {e}");
    }
}
