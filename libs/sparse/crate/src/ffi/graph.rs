//! Embeddings that travel along a graph.

use super::matrices::{borrow, RawCsr};
use super::status;
use crate::error::KernelError;
use crate::propagation::{self, Graph};
use core::slice::{from_raw_parts, from_raw_parts_mut};

/// A [`Graph`] in memory.
#[repr(C)]
pub struct RawGraph {
    adjacency: *const RawCsr,
    num_users: usize,
    rank: usize,
    vectors: *const f32,
    values: *const f32,
    width: usize,
    layers: usize,
}

/// # Safety
/// The adjacency was checked, the addresses hold as many values as the shape says, and live for `'a`.
unsafe fn borrow_graph<'a>(raw: *const RawGraph) -> Result<Graph<'a, f32>, KernelError> {
    // SAFETY: by contract.
    unsafe {
        let raw = &*raw;
        let adjacency = borrow(raw.adjacency)?;
        Ok(Graph {
            adjacency,
            num_users: raw.num_users,
            vectors: from_raw_parts(raw.vectors, adjacency.num_rows() * raw.rank),
            values: from_raw_parts(raw.values, raw.rank),
            width: raw.width,
            layers: raw.layers,
        })
    }
}

/// [`propagation::embed`].
///
/// # Safety
/// As for [`borrow_graph`]; `start`, `main`, `view` and `before_last` hold one embedding a node and `scratch` two, none
/// overlapping.
#[no_mangle]
pub unsafe extern "C" fn embed_graph(
    raw: *const RawGraph,
    start: *const f32,
    main: *mut f32,
    view: *mut f32,
    before_last: *mut f32,
    scratch: *mut f32,
) -> u32 {
    // SAFETY: by contract.
    status(unsafe {
        borrow_graph(raw).and_then(|graph| {
            let length = graph.adjacency.num_rows() * graph.width;
            let out = (
                from_raw_parts_mut(main, length),
                from_raw_parts_mut(view, length),
                from_raw_parts_mut(before_last, length),
            );
            let scratch = from_raw_parts_mut(scratch, 2 * length);
            propagation::embed(&graph, from_raw_parts(start, length), out, scratch)
        })
    })
}

/// [`propagation::embed_gradient`].
///
/// # Safety
/// As for [`embed_graph`].
#[no_mangle]
pub unsafe extern "C" fn embed_graph_gradient(
    raw: *const RawGraph,
    by_main: *const f32,
    by_view: *const f32,
    gradient: *mut f32,
    scratch: *mut f32,
) -> u32 {
    // SAFETY: by contract.
    status(unsafe {
        borrow_graph(raw).and_then(|graph| {
            let length = graph.adjacency.num_rows() * graph.width;
            let given = (from_raw_parts(by_main, length), from_raw_parts(by_view, length));
            let (gradient, scratch) = (from_raw_parts_mut(gradient, length), from_raw_parts_mut(scratch, 2 * length));
            propagation::embed_gradient(&graph, given, gradient, scratch)
        })
    })
}
