//! Losses of embeddings with their gradients, and Adam.

use super::status;
use crate::error::KernelError;
use crate::losses::{self, AdamStep, Contrast};
use core::slice::{from_raw_parts, from_raw_parts_mut};

/// Writes a loss, or says why there is none.
///
/// # Safety
/// `out` is one writable double.
unsafe fn put_loss(result: Result<f64, KernelError>, out: *mut f64) -> u32 {
    if let Ok(loss) = result {
        // SAFETY: by contract.
        unsafe { *out = loss };
    }
    status(result.map(|_| ()))
}

/// [`losses::bpr`] over `count` triples of nodes.
///
/// # Safety
/// `triples` holds `3 · count` nodes, `embeddings` and `gradient` `nodes · width` floats, `loss` one double.
#[no_mangle]
pub unsafe extern "C" fn bpr_gradient(
    triples: *const u32,
    count: usize,
    nodes: usize,
    width: usize,
    embeddings: *const f32,
    gradient: *mut f32,
    loss: *mut f64,
) -> u32 {
    // SAFETY: by contract.
    unsafe {
        let embeddings = from_raw_parts(embeddings, nodes * width);
        let gradient = from_raw_parts_mut(gradient, nodes * width);
        put_loss(losses::bpr(from_raw_parts(triples, 3 * count), width, embeddings, gradient), loss)
    }
}

/// [`losses::agreement`] of `count` nodes.
///
/// # Safety
/// `picked` and `weights` hold `count` entries, the matrices `nodes · width` floats, `loss` one double.
#[no_mangle]
pub unsafe extern "C" fn agreement_gradient(
    picked: *const u32,
    weights: *const f32,
    count: usize,
    nodes: usize,
    width: usize,
    temperature: f64,
    main: *const f32,
    view: *const f32,
    by_main: *mut f32,
    by_view: *mut f32,
    loss: *mut f64,
) -> u32 {
    // SAFETY: by contract.
    unsafe {
        let length = nodes * width;
        let of = (from_raw_parts(main, length), from_raw_parts(view, length));
        let into = (from_raw_parts_mut(by_main, length), from_raw_parts_mut(by_view, length));
        let picked = (from_raw_parts(picked, count), from_raw_parts(weights, count));
        put_loss(losses::agreement(picked, (width, temperature), of, into), loss)
    }
}

/// [`losses::contrast`] of `rows` rows of G with `cols` rows of E.
///
/// # Safety
/// `view` and `by_view` hold `rows · width` floats, `main` and `by_main` `cols · width`, `weights` `rows`, `scratch`
/// `rows · cols`, `loss` one double.
#[no_mangle]
pub unsafe extern "C" fn contrast_gradient(
    rows: usize,
    cols: usize,
    width: usize,
    temperature: f64,
    scale: f64,
    view: *const f32,
    weights: *const f32,
    main: *const f32,
    by_view: *mut f32,
    by_main: *mut f32,
    scratch: *mut f32,
    loss: *mut f64,
) -> u32 {
    // SAFETY: by contract.
    unsafe {
        let given = Contrast {
            view: from_raw_parts(view, rows * width),
            weights: from_raw_parts(weights, rows),
            main: from_raw_parts(main, cols * width),
            width,
            temperature,
            scale,
        };
        let into = (from_raw_parts_mut(by_view, rows * width), from_raw_parts_mut(by_main, cols * width));
        put_loss(losses::contrast(&given, into, from_raw_parts_mut(scratch, rows * cols)), loss)
    }
}

/// [`losses::adam`] on `length` parameters.
///
/// # Safety
/// All arrays hold `length` floats, `penalty` one double.
#[no_mangle]
pub unsafe extern "C" fn adam_step(
    length: usize,
    learning_rate: f64,
    regularization: f64,
    step: u32,
    gradient: *const f32,
    parameters: *mut f32,
    first: *mut f32,
    second: *mut f32,
    penalty: *mut f64,
) -> u32 {
    // SAFETY: by contract.
    unsafe {
        let settings = AdamStep { learning_rate, regularization, step };
        let state = (
            from_raw_parts_mut(parameters, length),
            from_raw_parts_mut(first, length),
            from_raw_parts_mut(second, length),
        );
        put_loss(losses::adam(&settings, from_raw_parts(gradient, length), state), penalty)
    }
}
