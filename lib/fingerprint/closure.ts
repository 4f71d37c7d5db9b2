/**
 * The down-closed set with the greatest weight: a set that holds every parent of its members. All of them, in fact: the
 * solutions form a lattice, of which `least` and `greatest` are the ends; they differ by what the weights don't decide.
 *
 * Maximum-weight closure as a minimum cut (J. C. Picard, Maximal closure of a graph and applications to combinatorial
 * problems, Management Science 22, 1976): source → r with capacity w(r) where w(r) > 0, r → sink with −w(r) where w(r) < 0,
 * r → each parent without bound. What the source reaches in the residual network is the least solution; what cannot reach
 * the sink is the greatest.
 *
 * The cut by Dinic's algorithm (E. A. Dinic, Soviet Math. Doklady 11, 1970): O(V²·E) at worst, near linear on these
 * networks, where most paths have one step.
 *
 * Example: a ← b ← c with weights 2, −1, 3: {a, b, c} with 4. With weights 2, −1, 0: least {a}, greatest {a}; with
 * 2, 0, 0: least {a}, greatest {a, b, c}.
 */
export interface Closure {
  readonly least: Uint8Array;
  readonly greatest: Uint8Array;
}

/**
 * @param parents parents per node
 * @param weights weight per node, whole numbers
 */
export function heaviestClosure(
  parents: readonly (readonly number[])[],
  weights: readonly number[],
): Closure {
  const n = parents.length;
  const network = new Network(n + 2);
  const [source, sink] = [n, n + 1];
  weights.forEach((weight, node) => {
    if (weight > 0) network.connect(source, node, weight);
    if (weight < 0) network.connect(node, sink, -weight);
  });
  const unbounded = weights.reduce((sum, weight) => sum + Math.abs(weight), 1);
  parents.forEach((above, node) => {
    for (const parent of above) network.connect(node, parent, unbounded);
  });
  network.saturate(source, sink);
  const least = network.reachableFrom(source);
  const doomed = network.reaching(sink);
  return {
    least: least.slice(0, n),
    greatest: doomed.slice(0, n).map((mark) => 1 - mark),
  };
}

/** A flow network. Edge e and its reverse e ^ 1 stand side by side. */
class Network {
  readonly #first: number[][];
  readonly #to: number[] = [];
  readonly #left: number[] = [];
  #level: Int32Array;
  #next: Int32Array;

  constructor(size: number) {
    this.#first = Array.from({ length: size }, () => []);
    this.#level = new Int32Array(size);
    this.#next = new Int32Array(size);
  }

  connect(from: number, to: number, capacity: number): void {
    this.#first[from]?.push(this.#to.push(to) - 1);
    this.#left.push(capacity);
    this.#first[to]?.push(this.#to.push(from) - 1);
    this.#left.push(0);
  }

  /** Sends as much as goes from source to sink: phases of shortest paths until there is none. */
  saturate(source: number, sink: number): void {
    while (this.#layer(source, sink)) {
      this.#next.fill(0);
      while (this.#push(source, sink)) {
        // until this layering has no path left
      }
    }
  }

  /** Distances from the source over edges with capacity left. @returns whether the sink is reached */
  #layer(source: number, sink: number): boolean {
    this.#level.fill(-1);
    this.#level[source] = 0;
    const queue = [source];
    for (const node of queue) {
      for (const edge of this.#first[node] ?? []) {
        const to = this.#to[edge] as number;
        if ((this.#left[edge] as number) <= 0 || this.#level[to] !== -1) continue;
        this.#level[to] = (this.#level[node] as number) + 1;
        queue.push(to);
      }
    }
    return this.#level[sink] !== -1;
  }

  /** One path of this layering, found without recursion: chains of thousands are ordinary. */
  #push(source: number, sink: number): boolean {
    const path: number[] = [];
    let node = source;
    while (node !== sink) {
      const edge = this.#first[node]?.[this.#next[node] as number];
      if (edge === undefined) {
        const back = path.pop();
        if (back === undefined) return false;
        node = this.#to[back ^ 1] as number;
        this.#next[node] = (this.#next[node] as number) + 1;
        continue;
      }
      const to = this.#to[edge] as number;
      const usable =
        (this.#left[edge] as number) > 0 && this.#level[to] === (this.#level[node] as number) + 1;
      if (usable) {
        path.push(edge);
        node = to;
      } else this.#next[node] = (this.#next[node] as number) + 1;
    }
    const amount = path.reduce(
      (least, edge) => Math.min(least, this.#left[edge] as number),
      Number.MAX_SAFE_INTEGER,
    );
    for (const edge of path) {
      this.#left[edge] = (this.#left[edge] as number) - amount;
      this.#left[edge ^ 1] = (this.#left[edge ^ 1] as number) + amount;
    }
    return true;
  }

  reachableFrom(start: number): Uint8Array {
    return this.#spread(start, (edge) => (this.#left[edge] as number) > 0);
  }

  reaching(end: number): Uint8Array {
    return this.#spread(end, (edge) => (this.#left[edge ^ 1] as number) > 0);
  }

  #spread(start: number, open: (edge: number) => boolean): Uint8Array {
    const marks = new Uint8Array(this.#first.length);
    marks[start] = 1;
    const queue = [start];
    for (const node of queue) {
      for (const edge of this.#first[node] ?? []) {
        const to = this.#to[edge] as number;
        if (marks[to] === 1 || !open(edge)) continue;
        marks[to] = 1;
        queue.push(to);
      }
    }
    return marks;
  }
}
