//! Row solves of alternating least squares; embeddings that travel along a graph, their losses, and Adam.

use super::memory::{RawCsr, RawSlice};
use super::status;
use crate::als::{self, Systems};
use crate::error::KernelError;
use crate::losses::{self, AdamStep, Contrast};
use crate::propagation::{self, Graph};

/// [`als::solve_rows`] for `rows` rows: `factors` holds `x.num_cols × width` floats, `base` `width²`, `ridge` `rows`,
/// `right` (which may be null) and `out` `rows × width`.
#[no_mangle]
pub extern "C" fn als_solve_rows(
    x: RawSlice<RawCsr>,
    first_row: usize,
    rows: usize,
    factors: RawSlice<f32>,
    width: usize,
    base: RawSlice<f32>,
    ridge: RawSlice<f32>,
    right: RawSlice<f32>,
    out: RawSlice<f32>,
) -> u32 {
    status(x.borrow().and_then(|x| {
        let systems = Systems {
            factors: factors.read(x.num_cols() * width),
            width,
            base: base.read(width * width),
            ridge: ridge.read(rows),
            right: right.read_unless_null(rows * width),
        };
        als::solve_rows(&x, first_row..first_row + rows, &systems, out.write(rows * width))
    }))
}

/// A [`Graph`] in memory: `vectors` holds `num_rows × rank` floats, `values` `rank`.
#[repr(C)]
pub struct RawGraph {
    adjacency: RawSlice<RawCsr>,
    num_users: usize,
    rank: usize,
    vectors: RawSlice<f32>,
    values: RawSlice<f32>,
    width: usize,
    layers: usize,
}

impl RawGraph {
    fn borrow<'a>(&self) -> Result<Graph<'a, f32>, KernelError> {
        let adjacency = self.adjacency.borrow()?;
        Ok(Graph {
            adjacency,
            num_users: self.num_users,
            vectors: self.vectors.read(adjacency.num_rows() * self.rank),
            values: self.values.read(self.rank),
            width: self.width,
            layers: self.layers,
        })
    }
}

/// [`propagation::embed`]: `start`, `main`, `view` and `before_last` hold one embedding a node and `scratch` two.
#[no_mangle]
pub extern "C" fn embed_graph(
    graph: RawSlice<RawGraph>,
    start: RawSlice<f32>,
    main: RawSlice<f32>,
    view: RawSlice<f32>,
    before_last: RawSlice<f32>,
    scratch: RawSlice<f32>,
) -> u32 {
    status(graph.get().borrow().and_then(|graph| {
        let length = graph.adjacency.num_rows() * graph.width;
        let out = (main.write(length), view.write(length), before_last.write(length));
        propagation::embed(&graph, start.read(length), out, scratch.write(2 * length))
    }))
}

/// [`propagation::embed_gradient`]: `by_main`, `by_view` and `gradient` hold one embedding a node and `scratch` two.
#[no_mangle]
pub extern "C" fn embed_graph_gradient(
    graph: RawSlice<RawGraph>,
    by_main: RawSlice<f32>,
    by_view: RawSlice<f32>,
    gradient: RawSlice<f32>,
    scratch: RawSlice<f32>,
) -> u32 {
    status(graph.get().borrow().and_then(|graph| {
        let length = graph.adjacency.num_rows() * graph.width;
        let given = (by_main.read(length), by_view.read(length));
        propagation::embed_gradient(&graph, given, gradient.write(length), scratch.write(2 * length))
    }))
}

/// Writes a loss, or says why there is none.
fn put_loss(result: Result<f64, KernelError>, out: RawSlice<f64>) -> u32 {
    status(result.map(|loss| out.put(loss)))
}

/// [`losses::bpr`] over `count` triples of nodes: `embeddings` and `gradient` hold `nodes · width` floats, `loss` one double.
#[no_mangle]
pub extern "C" fn bpr_gradient(
    triples: RawSlice<u32>,
    count: usize,
    nodes: usize,
    width: usize,
    embeddings: RawSlice<f32>,
    gradient: RawSlice<f32>,
    loss: RawSlice<f64>,
) -> u32 {
    let length = nodes * width;
    put_loss(losses::bpr(triples.read(3 * count), width, embeddings.read(length), gradient.write(length)), loss)
}

/// [`losses::agreement`] of `count` nodes: `picked` and `weights` hold `count` entries, the matrices `nodes · width` floats,
/// `loss` one double.
#[no_mangle]
pub extern "C" fn agreement_gradient(
    picked: RawSlice<u32>,
    weights: RawSlice<f32>,
    count: usize,
    nodes: usize,
    width: usize,
    temperature: f64,
    main: RawSlice<f32>,
    view: RawSlice<f32>,
    by_main: RawSlice<f32>,
    by_view: RawSlice<f32>,
    loss: RawSlice<f64>,
) -> u32 {
    let length = nodes * width;
    let of = (main.read(length), view.read(length));
    let into = (by_main.write(length), by_view.write(length));
    put_loss(losses::agreement((picked.read(count), weights.read(count)), (width, temperature), of, into), loss)
}

/// [`losses::contrast`] of `rows` rows of G with `cols` rows of E: `view` and `by_view` hold `rows · width` floats, `main`
/// and `by_main` `cols · width`, `weights` `rows`, `scratch` `rows · cols`, `loss` one double.
#[no_mangle]
pub extern "C" fn contrast_gradient(
    rows: usize,
    cols: usize,
    width: usize,
    temperature: f64,
    scale: f64,
    view: RawSlice<f32>,
    weights: RawSlice<f32>,
    main: RawSlice<f32>,
    by_view: RawSlice<f32>,
    by_main: RawSlice<f32>,
    scratch: RawSlice<f32>,
    loss: RawSlice<f64>,
) -> u32 {
    let given = Contrast {
        view: view.read(rows * width),
        weights: weights.read(rows),
        main: main.read(cols * width),
        width,
        temperature,
        scale,
    };
    let into = (by_view.write(rows * width), by_main.write(cols * width));
    put_loss(losses::contrast(&given, into, scratch.write(rows * cols)), loss)
}

/// [`losses::adam`] on `length` parameters; all arrays hold as many floats, `penalty` one double.
#[no_mangle]
pub extern "C" fn adam_step(
    length: usize,
    learning_rate: f64,
    regularization: f64,
    step: u32,
    gradient: RawSlice<f32>,
    parameters: RawSlice<f32>,
    first: RawSlice<f32>,
    second: RawSlice<f32>,
    penalty: RawSlice<f64>,
) -> u32 {
    let settings = AdamStep { learning_rate, regularization, step };
    let state = (parameters.write(length), first.write(length), second.write(length));
    put_loss(losses::adam(&settings, gradient.read(length), state), penalty)
}
