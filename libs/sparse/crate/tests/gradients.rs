//! Derivatives against central differences in double precision, and every step against its naive twin.

mod support;

use sparserec_kernels::csr::Csr;
use sparserec_kernels::error::KernelError;
use sparserec_kernels::losses::{adam, agreement, bpr, contrast, AdamStep, Contrast};
use sparserec_kernels::propagation::{embed, embed_gradient, Graph};
use sparserec_kernels::real::Real;
use support::rng::Rng;
use support::{random_csr, Owned};

const TOLERANCE: f64 = 1e-5;
const TEMPERATURE: f64 = 0.7;

/// A graph of random users and items with a random second view, and random triples and nodes.
struct Case {
    adjacency: Owned,
    num_users: usize,
    vectors: Vec<f64>,
    values: Vec<f64>,
    width: usize,
    layers: usize,
    start: Vec<f64>,
    triples: Vec<u32>,
    nodes: Vec<u32>,
    weights: Vec<f32>,
}

fn doubles(rng: &mut Rng, length: usize) -> Vec<f64> {
    rng.floats(length).into_iter().map(f64::from).collect()
}

fn case(seed: u64, (users, items): (usize, usize), width: usize, layers: usize, rank: usize) -> Case {
    let mut rng = Rng(seed);
    let r = random_csr(&mut rng, users, items, 2);
    let nodes = users + items;
    let mut rows: Vec<Vec<(u32, f32)>> = vec![vec![]; nodes];
    for user in 0..users {
        for entry in r.indptr[user] as usize..r.indptr[user + 1] as usize {
            let item = users + r.indices[entry] as usize;
            rows[user].push((item as u32, r.values[entry]));
            rows[item].push((user as u32, r.values[entry]));
        }
    }
    let mut adjacency = Owned { num_cols: nodes, indptr: vec![0], indices: vec![], values: vec![] };
    for entries in rows {
        adjacency.indices.extend(entries.iter().map(|entry| entry.0));
        adjacency.values.extend(entries.iter().map(|entry| entry.1));
        adjacency.indptr.push(adjacency.indices.len() as u32);
    }
    let triples = (0..7).flat_map(|_| [rng.below(users), users + rng.below(items), users + rng.below(items)]);
    let triples = triples.map(|node| node as u32).collect::<Vec<u32>>();
    let picked: Vec<u32> = (0..nodes as u32).filter(|node| node % 2 == 0).collect();
    Case {
        num_users: users,
        vectors: doubles(&mut rng, nodes * rank),
        values: doubles(&mut rng, rank),
        width,
        layers,
        start: doubles(&mut rng, nodes * width),
        triples,
        weights: rng.floats(picked.len()).iter().map(|w| w.abs()).collect(),
        nodes: picked,
        adjacency,
    }
}

impl Case {
    fn graph(&self) -> Graph<'_, f64> {
        let Owned { num_cols, indptr, indices, values } = &self.adjacency;
        Graph {
            adjacency: Csr::try_new(*num_cols, indptr, indices, values).unwrap(),
            num_users: self.num_users,
            vectors: &self.vectors,
            values: &self.values,
            width: self.width,
            layers: self.layers,
        }
    }

    /// The loss of the parts in `terms` at E0, and its derivative.
    fn loss(&self, start: &[f64], terms: &[&str]) -> (f64, Vec<f64>) {
        let zeros = || vec![0.0; start.len()];
        let (mut main, mut view, mut partial) = (zeros(), zeros(), zeros());
        let (mut by_main, mut by_view, mut gradient) = (zeros(), zeros(), zeros());
        let mut scratch = vec![f64::NAN; 2 * start.len()];
        embed(&self.graph(), start, (&mut main, &mut view, &mut partial), &mut scratch).unwrap();
        let mut total = 0.0;
        if terms.contains(&"bpr") {
            total += bpr(&self.triples, self.width, &main, &mut by_main).unwrap();
        }
        if terms.contains(&"agreement") {
            let picked = (&self.nodes[..], &self.weights[..]);
            let of = (&main[..], &view[..]);
            total += agreement(picked, (self.width, TEMPERATURE), of, (&mut by_main, &mut by_view)).unwrap();
        }
        if terms.contains(&"contrast") {
            total += self.contrast((&main, &view), (&mut by_main, &mut by_view));
        }
        embed_gradient(&self.graph(), (&by_main, &by_view), &mut gradient, &mut scratch).unwrap();
        (total, gradient)
    }

    fn contrast(&self, (main, view): (&[f64], &[f64]), (by_main, by_view): (&mut [f64], &mut [f64])) -> f64 {
        let rows = self.nodes.len();
        let gathered: Vec<f64> = self.nodes.iter().flat_map(|&n| self.row(view, n).to_vec()).collect();
        let given = Contrast {
            view: &gathered,
            weights: &self.weights,
            main,
            width: self.width,
            temperature: TEMPERATURE,
            scale: 1.5,
        };
        let (mut of_rows, mut of_all) = (vec![f64::NAN; gathered.len()], vec![f64::NAN; main.len()]);
        let mut scratch = vec![f64::NAN; rows * main.len() / self.width];
        let loss = contrast(&given, (&mut of_rows, &mut of_all), &mut scratch).unwrap();
        for (&node, slopes) in self.nodes.iter().zip(of_rows.chunks(self.width)) {
            for (slot, slope) in by_view[node as usize * self.width..].iter_mut().zip(slopes) {
                *slot += slope;
            }
        }
        by_main.iter_mut().zip(&of_all).for_each(|(slot, slope)| *slot += slope);
        loss
    }

    fn row<'a>(&self, matrix: &'a [f64], node: u32) -> &'a [f64] {
        &matrix[node as usize * self.width..][..self.width]
    }
}

fn cases() -> Vec<Case> {
    vec![
        case(1, (1, 1), 1, 1, 1),
        case(2, (4, 6), 3, 2, 2),
        case(3, (5, 3), 4, 3, 0),
        case(4, (7, 9), 17, 2, 5),
        case(5, (3, 8), 2, 0, 1),
    ]
}

fn assert_differentiates(terms: &[&str]) {
    for case in cases() {
        let (_, gradient) = case.loss(&case.start, terms);
        let largest = gradient.iter().fold(0.0f64, |max, slope| max.max(slope.abs()));
        for (at, &slope) in gradient.iter().enumerate() {
            let shifted = |by: f64| {
                let mut start = case.start.clone();
                start[at] += by;
                case.loss(&start, terms).0
            };
            let step = 1e-5;
            let difference = (shifted(step) - shifted(-step)) / (2.0 * step);
            let error = (difference - slope).abs();
            assert!(error <= TOLERANCE * largest.max(1e-3), "{terms:?}, {at}: {slope} is not {difference}");
        }
    }
}

#[test]
fn the_ranking_loss_has_its_derivative() {
    assert_differentiates(&["bpr"]);
}

#[test]
fn the_agreement_has_its_derivative() {
    assert_differentiates(&["agreement"]);
}

#[test]
fn the_contrast_has_its_derivative() {
    assert_differentiates(&["contrast"]);
}

#[test]
fn the_whole_loss_has_its_derivative() {
    assert_differentiates(&["bpr", "agreement", "contrast"]);
}

#[test]
fn embeddings_equal_dense_matrix_powers() {
    for case in cases() {
        let nodes = case.adjacency.num_cols;
        let zeros = || vec![f64::NAN; case.start.len()];
        let (mut main, mut view, mut partial) = (zeros(), zeros(), zeros());
        let mut scratch = vec![f64::NAN; 2 * case.start.len()];
        embed(&case.graph(), &case.start, (&mut main, &mut view, &mut partial), &mut scratch).unwrap();
        let mut layer = support::naive::Dense { rows: nodes, cols: case.width, data: case.start.clone() };
        let dense = support::dense(&case.adjacency);
        let (mut all, mut before) = (case.start.clone(), vec![0.0; case.start.len()]);
        for _ in 0..case.layers {
            before.iter_mut().zip(&layer.data).for_each(|(sum, x)| *sum += x);
            layer = dense.times(&layer);
            all.iter_mut().zip(&layer.data).for_each(|(sum, x)| *sum += x);
        }
        let rank = case.values.len();
        let mut expected = case.start.clone();
        for a in 0..nodes {
            for b in 0..nodes {
                let opposite = (a < case.num_users) != (b < case.num_users);
                let entry = (0..rank).map(|q| case.vectors[a * rank + q] * case.values[q] * case.vectors[b * rank + q]);
                let entry: f64 = if opposite { entry.sum() } else { 0.0 };
                for c in 0..case.width {
                    expected[a * case.width + c] += entry * before[b * case.width + c];
                }
            }
        }
        for (actual, wanted) in [(&main, &all), (&partial, &before), (&view, &expected)] {
            for (a, e) in actual.iter().zip(wanted) {
                assert!((a - e).abs() <= 1e-12 * (1.0 + e.abs()), "{a} is not {e}");
            }
        }
    }
}

#[test]
fn the_contrast_in_single_precision_equals_the_one_in_double() {
    let mut rng = Rng(9);
    for (rows, cols, width) in [(1, 1, 1), (3, 40, 5), (9, 33, 64), (0, 4, 2)] {
        let (view, main) = (rng.floats(rows * width), rng.floats(cols * width));
        let weights = rng.floats(rows);
        let wide = |from: &[f32]| from.iter().map(|&x| f64::from(x)).collect::<Vec<f64>>();
        let (wide_view, wide_main) = (wide(&view), wide(&main));
        let single = {
            let given = Contrast { view: &view, weights: &weights, main: &main, width, temperature: 0.2, scale: 1.0 };
            let (mut a, mut b) = (vec![f32::NAN; view.len()], vec![f32::NAN; main.len()]);
            let loss = contrast(&given, (&mut a, &mut b), &mut vec![f32::NAN; rows * cols]).unwrap();
            (loss, a, b)
        };
        let given =
            Contrast { view: &wide_view, weights: &weights, main: &wide_main, width, temperature: 0.2, scale: 1.0 };
        let (mut a, mut b) = (vec![f64::NAN; view.len()], vec![f64::NAN; main.len()]);
        let loss = contrast(&given, (&mut a, &mut b), &mut vec![f64::NAN; rows * cols]).unwrap();
        assert!((single.0 - loss).abs() <= 1e-4 * (1.0 + loss.abs()));
        support::assert_close(&single.1, &a, 1e-4);
        support::assert_close(&single.2, &b, 1e-4);
    }
}

#[test]
fn huge_exponents_overflow_nowhere() {
    let (view, main) = ([200.0f32, -200.0], [1.0f32, 2.0, -1.0]);
    let given = Contrast { view: &view, weights: &[1.0, 1.0], main: &main, width: 1, temperature: 0.1, scale: 1.0 };
    let (mut by_view, mut by_main) = ([f32::NAN; 2], [f32::NAN; 3]);
    let loss = contrast(&given, (&mut by_view, &mut by_main), &mut [f32::NAN; 6]).unwrap();
    assert!((loss - 6000.0).abs() < 1e-2);
    assert!((by_view[0] - 20.0).abs() < 1e-4 && (by_view[1] + 10.0).abs() < 1e-4);
    assert!(by_main.iter().all(|slope| slope.is_finite()));
}

#[test]
fn the_vectorised_exponential_is_exact_to_single_precision() {
    for n in 0..=8_700 {
        let x = -(n as f32) / 100.0;
        let expected = f64::from(x).exp();
        assert!((f64::from(x.exp_negative()) - expected).abs() <= 3e-7 * expected, "at {x}");
    }
    assert!((-1e9f32).exp_negative() < 1e-37);
}

#[test]
fn adam_equals_its_published_steps() {
    let mut rng = Rng(11);
    let (mut theta, mut m, mut v) = (doubles(&mut rng, 5), vec![0.0; 5], vec![0.0; 5]);
    let (mut slow, mut slow_m, mut slow_v) = (theta.clone(), [0.0f64; 5], [0.0f64; 5]);
    for step in 1..=4 {
        let gradient = doubles(&mut rng, 5);
        let settings = AdamStep { learning_rate: 0.1, regularization: 0.05, step };
        let penalty = adam(&settings, &gradient, (&mut theta, &mut m, &mut v)).unwrap();
        let before: f64 = slow.iter().map(|x| x * x).sum();
        assert!((penalty - 0.05 * before).abs() < 1e-12);
        for i in 0..5 {
            let slope = gradient[i] + 0.1 * slow[i];
            slow_m[i] = 0.9 * slow_m[i] + 0.1 * slope;
            slow_v[i] = 0.999 * slow_v[i] + 0.001 * slope * slope;
            let (mean, square) =
                (slow_m[i] / (1.0 - 0.9f64.powi(step as i32)), slow_v[i] / (1.0 - 0.999f64.powi(step as i32)));
            slow[i] -= 0.1 * mean / (square.sqrt() + 1e-8);
            assert!((slow[i] - theta[i]).abs() < 1e-12);
        }
    }
}

#[test]
fn nodes_without_an_embedding_and_wrong_lengths_are_refused() {
    let (e, mut d) = (vec![0.0f64; 4], vec![0.0f64; 4]);
    assert_eq!(bpr(&[0, 1, 2], 2, &e, &mut d), Err(KernelError::Index));
    assert_eq!(bpr(&[0, 1], 2, &e, &mut d), Err(KernelError::Shape));
    assert_eq!(bpr::<f64>(&[], 2, &e, &mut d), Ok(0.0));
    let mut other = d.clone();
    let refused = agreement((&[2], &[1.0]), (2, 1.0), (&e, &e), (&mut d, &mut other));
    assert_eq!(refused, Err(KernelError::Index));
}
