/** Arcs of a flow network: from, to and capacity stand at the same place of each list. */
export interface Arcs {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly capacity: readonly number[];
}

/**
 * The sink's side of a minimum cut, and the smallest one: the nodes from which the sink can still be reached when as much
 * flows there as goes.
 *
 * Push-relabel (A. V. Goldberg and R. E. Tarjan, A new approach to the maximum-flow problem, Journal of the ACM 35, 1988),
 * highest label first, with exact labels from time to time; only its first phase, for what can't get to the sink need not
 * be brought back to find the cut. O(n²·√m) at worst. Augmenting paths would be quadratic on a chain where much of the
 * weight has a long way to go; here it is collected on the way.
 *
 * @param size number of nodes
 */
export function sinkSide(size: number, arcs: Arcs, source: number, sink: number): Uint8Array {
  const preflow = new Preflow(size, arcs, source, sink);
  preflow.exhaust();
  return preflow.reachingSink();
}

const NONE = -1;

/** Edge e and its reverse e ^ 1 stand side by side. Labels of `size` are of nodes from which no way leads to the sink. */
class Preflow {
  readonly #size: number;
  readonly #sink: number;
  readonly #to: Int32Array;
  readonly #left: Float64Array;
  /** The edges out of node n are `#edges` from `#start[n]` to `#start[n + 1]`. */
  readonly #start: Int32Array;
  readonly #edges: Int32Array;
  readonly #next: Int32Array;
  readonly #excess: Float64Array;
  readonly #label: Int32Array;
  readonly #labelled: Int32Array;
  /** Active nodes by label, as linked lists. */
  readonly #first: Int32Array;
  readonly #following: Int32Array;
  readonly #queue: Int32Array;
  #highest = NONE;
  /** Edges looked at for new labels since labels were exact. */
  #looked = 0;

  constructor(size: number, { from, to, capacity }: Arcs, source: number, sink: number) {
    this.#size = size;
    this.#sink = sink;
    this.#to = new Int32Array(2 * from.length);
    this.#left = new Float64Array(2 * from.length);
    this.#start = new Int32Array(size + 1);
    this.#edges = new Int32Array(2 * from.length);
    this.#next = new Int32Array(size);
    this.#excess = new Float64Array(size);
    this.#label = new Int32Array(size);
    this.#labelled = new Int32Array(size + 1);
    this.#first = new Int32Array(size + 1);
    this.#following = new Int32Array(size);
    this.#queue = new Int32Array(size);
    this.#connect(from, to, capacity);
    for (let at = this.#start[source] as number; at < (this.#start[source + 1] as number); at++)
      this.#send(source, this.#edges[at] as number, this.#left[this.#edges[at] as number] as number);
    this.#excess[source] = 0;
  }

  #connect(from: readonly number[], to: readonly number[], capacity: readonly number[]): void {
    const ends = this.#start;
    for (let arc = 0; arc < from.length; arc++) {
      this.#to[2 * arc] = to[arc] as number;
      this.#to[2 * arc + 1] = from[arc] as number;
      this.#left[2 * arc] = capacity[arc] as number;
      for (const node of [from[arc] as number, to[arc] as number]) ends[node] = (ends[node] as number) + 1;
    }
    for (let node = 1; node <= this.#size; node++)
      ends[node] = (ends[node] as number) + (ends[node - 1] as number);
    // Filled from behind, the end of each node's edges becomes their start.
    for (let edge = 2 * from.length - 1; edge >= 0; edge--) {
      const node = this.#to[edge ^ 1] as number;
      ends[node] = (ends[node] as number) - 1;
      this.#edges[ends[node] as number] = edge;
    }
  }

  /** Until all excess is at the sink or has no way there. */
  exhaust(): void {
    this.#relabelAll();
    while (this.#highest !== NONE) {
      const node = this.#first[this.#highest] as number;
      if (node === NONE) {
        this.#highest--;
        continue;
      }
      this.#first[this.#highest] = this.#following[node] as number;
      if (this.#label[node] === this.#highest) this.#discharge(node);
      if (this.#looked > this.#size) this.#relabelAll();
    }
  }

  /** Sends a node's excess on, downhill; lifts it where that does not go, until it is below nothing any more. */
  #discharge(node: number): void {
    const end = this.#start[node + 1] as number;
    while ((this.#excess[node] as number) > 0) {
      const at = this.#next[node] as number;
      if (at === end) {
        this.#lift(node);
        if (this.#label[node] === this.#size) return;
        continue;
      }
      const edge = this.#edges[at] as number;
      const to = this.#to[edge] as number;
      const left = this.#left[edge] as number;
      if (left > 0 && this.#label[node] === (this.#label[to] as number) + 1) {
        const wasIdle = this.#excess[to] === 0;
        this.#send(node, edge, Math.min(left, this.#excess[node] as number));
        if (wasIdle && to !== this.#sink) this.#activate(to);
        if (this.#excess[node] === 0) return;
      }
      this.#next[node] = at + 1;
    }
  }

  #send(node: number, edge: number, amount: number): void {
    const to = this.#to[edge] as number;
    this.#left[edge] = (this.#left[edge] as number) - amount;
    this.#left[edge ^ 1] = (this.#left[edge ^ 1] as number) + amount;
    this.#excess[node] = (this.#excess[node] as number) - amount;
    this.#excess[to] = (this.#excess[to] as number) + amount;
  }

  /** To one above the lowest that it can send to. A label that nobody has is a gap: nothing above gets to the sink. */
  #lift(node: number): void {
    const [from, end] = [this.#start[node] as number, this.#start[node + 1] as number];
    const old = this.#label[node] as number;
    let label = this.#size;
    for (let at = from; at < end; at++) {
      const edge = this.#edges[at] as number;
      const above = (this.#label[this.#to[edge] as number] as number) + 1;
      if ((this.#left[edge] as number) > 0 && above < label) label = above;
    }
    this.#looked += end - from;
    this.#labelled[old] = (this.#labelled[old] as number) - 1;
    if (this.#labelled[old] === 0) label = this.#size;
    this.#labelled[label] = (this.#labelled[label] as number) + 1;
    this.#label[node] = label;
    this.#next[node] = from;
  }

  #activate(node: number): void {
    const label = this.#label[node] as number;
    if (label >= this.#size) return;
    this.#following[node] = this.#first[label] as number;
    this.#first[label] = node;
    if (label > this.#highest) this.#highest = label;
  }

  /** Exact labels: the number of edges to the sink. */
  #relabelAll(): void {
    this.#looked = 0;
    this.#highest = NONE;
    this.#first.fill(NONE);
    this.#labelled.fill(0);
    this.#label.fill(this.#size);
    const reached = this.#walkFromSink();
    for (let i = 0; i < reached; i++) {
      const node = this.#queue[i] as number;
      const label = this.#label[node] as number;
      this.#labelled[label] = (this.#labelled[label] as number) + 1;
      this.#next[node] = this.#start[node] as number;
      if (node !== this.#sink && (this.#excess[node] as number) > 0) this.#activate(node);
    }
  }

  /** @returns how many nodes of the queue were reached */
  #walkFromSink(): number {
    let known = 1;
    this.#queue[0] = this.#sink;
    this.#label[this.#sink] = 0;
    for (let i = 0; i < known; i++) {
      const node = this.#queue[i] as number;
      for (let at = this.#start[node] as number; at < (this.#start[node + 1] as number); at++) {
        const edge = this.#edges[at] as number;
        const before = this.#to[edge] as number;
        if (this.#label[before] !== this.#size || (this.#left[edge ^ 1] as number) <= 0) continue;
        this.#label[before] = (this.#label[node] as number) + 1;
        this.#queue[known++] = before;
      }
    }
    return known;
  }

  reachingSink(): Uint8Array {
    this.#relabelAll();
    return Uint8Array.from(this.#label, (label) => (label < this.#size ? 1 : 0));
  }
}
