import { ShapeError } from '../errors.js';
import type { CsrMatrix } from '../matrices/csr-matrix.js';
import type { ComputeThreads } from '../threads/compute-threads.js';
import { Kernels } from '../wasm/kernels.js';
import { Arena, check, withArena } from '../wasm/memory.js';
import { contrastGradients, type ContrastSide } from './contrast.js';

/**
 * Â = [0, R̃; R̃ᵀ, 0] with the users first, and [U; V] with S of R̃'s leading singular vectors
 * (none: no second view).
 */
export interface EmbeddingGraph {
  readonly adjacency: CsrMatrix;
  readonly numUsers: number;
  readonly vectors: Float32Array;
  readonly values: Float32Array;
  readonly width: number;
  readonly layers: number;
}

/**
 * Distinct nodes of a batch with weights, and the nodes that stand for all of their side:
 * absent = all themselves.
 */
export interface ContrastNodes {
  readonly nodes: Uint32Array;
  readonly weights: Float32Array;
  readonly sample?: Uint32Array | undefined;
}

export interface TrainingStep {
  /** Nodes (user, item that the user has, item that the user has not), one triple after the other. */
  readonly triples: Uint32Array;
  /** Users, then items; absent: ranking loss alone. */
  readonly contrast?: readonly [ContrastNodes, ContrastNodes];
  readonly temperature: number;
  readonly learningRate: number;
  readonly regularization: number;
}

/** All that a trainer needs to go on where another stopped. */
export interface TrainerState {
  readonly parameters: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly steps: number;
}

const MATRICES = [
  'parameters',
  'first',
  'second',
  'main',
  'view',
  'beforeLast',
  'byMain',
  'byView',
  'gradient',
] as const;
type MatrixName = (typeof MATRICES)[number];

/**
 * Trains the embeddings E0 of a graph's nodes by Adam on the published loss of LightGCL (Cai et al. 2023),
 * with everything in a WebAssembly instance of its own. The contrast is shared among compute threads; their
 * number changes no bit.
 */
export class GraphTrainer {
  readonly #kernels: Kernels;
  readonly #arena: Arena;
  readonly #graphAddress: number;
  readonly #at: { readonly [Name in MatrixName]: number };
  readonly #scratch: number;
  readonly #loss: number;
  readonly #length: number;
  #steps: number;

  constructor(
    private readonly compute: ComputeThreads,
    private readonly graph: EmbeddingGraph,
    state: TrainerState,
  ) {
    const { adjacency, vectors, values, width, layers, numUsers } = graph;
    this.#length = adjacency.numRows * width;
    if ([state.parameters, state.first, state.second].some(({ length }) => length !== this.#length))
      throw new ShapeError('one embedding a node is needed');
    if (vectors.length !== adjacency.numRows * values.length)
      throw new ShapeError('one row of singular vectors a node is needed');
    this.#kernels = new Kernels(compute.kernels.name);
    this.#steps = state.steps;
    this.#arena = this.#kernels.run((exports) => new Arena(exports));
    const arena = this.#arena;
    const csr = arena.copyInCsr(adjacency);
    check(arena.kernels.check_csr(csr));
    const [u, s] = [arena.copyIn(vectors), arena.copyIn(values)];
    this.#graphAddress = arena.copyIn(Uint32Array.of(csr, numUsers, values.length, u, s, width, layers));
    this.#at = Object.fromEntries(MATRICES.map((name) => [name, arena.take(this.#length * 4)])) as {
      [Name in MatrixName]: number;
    };
    this.#scratch = arena.take(this.#length * 8);
    this.#loss = arena.take(8);
    for (const name of ['parameters', 'first', 'second'] as const) this.#matrix(name).set(state[name]);
  }

  /** Bytes of a trainer in its own memory, and outside of it. */
  static bytesFor(numNodes: number, width: number, nnz: number, rank: number): number {
    return numNodes * width * 4 * (MATRICES.length + 2) + 16 * nnz + numNodes * 4 * (rank + 1);
  }

  /** One step of Adam. @returns the loss before it */
  async step(step: TrainingStep): Promise<number> {
    const { kernels } = this.#arena;
    const { main, parameters, byMain, byView, gradient, first, second } = this.#at;
    const { width, adjacency } = this.graph;
    this.#embed();
    this.#matrix('byMain').fill(0);
    this.#matrix('byView').fill(0);
    withArena(kernels, (arena) => {
      const triples = arena.copyIn(step.triples);
      const sizes = [step.triples.length / 3, adjacency.numRows, width] as const;
      check(kernels.bpr_gradient(triples, ...sizes, main, byMain, this.#loss));
    });
    const ranking = this.#lastLoss();
    const contrast = step.contrast ? await this.#contrast(step.contrast, step.temperature) : 0;
    check(kernels.embed_graph_gradient(this.#graphAddress, byMain, byView, gradient, this.#scratch));
    this.#steps++;
    check(
      kernels.adam_step(
        this.#length,
        step.learningRate,
        step.regularization,
        this.#steps,
        gradient,
        parameters,
        first,
        second,
        this.#loss,
      ),
    );
    return ranking + contrast + this.#lastLoss();
  }

  /** E and Σ_{l<L} Â^l·E0 at the present E0, one row a node; copies. */
  embeddings(): { readonly main: Float32Array; readonly beforeLast: Float32Array } {
    this.#embed();
    return { main: this.#matrix('main').slice(), beforeLast: this.#matrix('beforeLast').slice() };
  }

  state(): TrainerState {
    const [parameters, first, second] = (['parameters', 'first', 'second'] as const).map((name) =>
      this.#matrix(name).slice(),
    ) as [Float32Array, Float32Array, Float32Array];
    return { parameters, first, second, steps: this.#steps };
  }

  close(): void {
    this.#arena.free();
  }

  #embed(): void {
    const { parameters, main, view, beforeLast } = this.#at;
    check(
      this.#arena.kernels.embed_graph(this.#graphAddress, parameters, main, view, beforeLast, this.#scratch),
    );
  }

  async #contrast(sides: readonly [ContrastNodes, ContrastNodes], temperature: number): Promise<number> {
    const { width } = this.graph;
    let loss = 0;
    for (const side of sides) loss += this.#agreement(side, temperature);
    const given = sides.map((side, index) => this.#gatherSide(side, index));
    const gradients = await contrastGradients(this.compute, {
      sides: given.map(({ contrast }) => contrast),
      width,
      temperature,
    });
    gradients.forEach((part, index) => {
      loss += part.loss;
      this.#scatter('byView', sides[index]!.nodes, part.byView);
      this.#scatter('byMain', given[index]!.columns, part.byMain);
    });
    return loss;
  }

  #agreement({ nodes, weights }: ContrastNodes, temperature: number): number {
    const { kernels } = this.#arena;
    return withArena(kernels, (arena) => {
      const [picked, w] = [arena.copyIn(nodes), arena.copyIn(weights)];
      const { main, view, byMain, byView } = this.#at;
      const sizes = [nodes.length, this.graph.adjacency.numRows, this.graph.width, temperature] as const;
      check(kernels.agreement_gradient(picked, w, ...sizes, main, view, byMain, byView, this.#loss));
      return this.#lastLoss();
    });
  }

  #gatherSide(
    { nodes, weights, sample }: ContrastNodes,
    side: number,
  ): { readonly contrast: ContrastSide; readonly columns: Uint32Array | number } {
    const { numUsers, adjacency, width } = this.graph;
    const [first, end] = side === 0 ? [0, numUsers] : [numUsers, adjacency.numRows];
    const view = this.#gather('view', nodes);
    if (sample)
      return {
        contrast: {
          view,
          weights,
          main: this.#gather('main', sample),
          scale: (end - first) / sample.length,
        },
        columns: sample,
      };
    const main = shared(this.#matrix('main').subarray(first * width, end * width));
    return { contrast: { view, weights, main, scale: 1 }, columns: first };
  }

  #gather(name: MatrixName, nodes: Uint32Array): Float32Array {
    const { width } = this.graph;
    const [from, rows] = [this.#matrix(name), shared(new Float32Array(nodes.length * width))];
    nodes.forEach((node, row) => rows.set(from.subarray(node * width, (node + 1) * width), row * width));
    return rows;
  }

  /** Adds rows to those of the given nodes, or of all nodes from one on. */
  #scatter(name: MatrixName, nodes: Uint32Array | number, rows: Float32Array): void {
    const { width } = this.graph;
    const into = this.#matrix(name);
    for (let row = 0; row * width < rows.length; row++) {
      const node = typeof nodes === 'number' ? nodes + row : nodes[row]!;
      for (let c = 0; c < width; c++) into[node * width + c]! += rows[row * width + c]!;
    }
  }

  #matrix(name: MatrixName): Float32Array {
    return this.#arena.floats(this.#at[name], this.#length);
  }

  #lastLoss(): number {
    return this.#arena.doubles(this.#loss, 1)[0]!;
  }
}

function shared(values: Float32Array): Float32Array {
  const copy = new Float32Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}
