import { sinkSide } from './cut.js';

/**
 * The down-closed set with the greatest weight: a set that holds every parent of its members. All of them, in fact: the
 * solutions form a lattice, of which `least` and `greatest` are the ends; they differ by what the weights don't decide.
 *
 * Maximum-weight closure as a minimum cut (J. C. Picard, Maximal closure of a graph and applications to combinatorial
 * problems, Management Science 22, 1976): source → r with capacity w(r) where w(r) > 0, r → sink with −w(r) where w(r) < 0,
 * r → each parent without bound. What the source reaches in the residual network is the least solution; what cannot reach
 * the sink is the greatest.
 *
 * One cut each for the two ends (see `sinkSide`): near linear on chains, braids and fans, whatever the weights.
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
  const [source, sink] = [n, n + 1];
  const unbounded = weights.reduce((sum, weight) => sum + Math.abs(weight), 1);
  const [from, to, capacity]: [number[], number[], number[]] = [[], [], []];
  const connect = (a: number, b: number, room: number): void => {
    from.push(a);
    to.push(b);
    capacity.push(room);
  };
  weights.forEach((weight, node) => {
    if (weight > 0) connect(source, node, weight);
    if (weight < 0) connect(node, sink, -weight);
  });
  parents.forEach((above, node) => {
    for (const parent of above) connect(node, parent, unbounded);
  });
  const doomed = sinkSide(n + 2, { from, to, capacity }, source, sink);
  // The same network backwards: what the source gets to is what gets to the source.
  const kept = sinkSide(n + 2, { from: to, to: from, capacity }, sink, source);
  return { least: kept.slice(0, n), greatest: doomed.slice(0, n).map((mark) => 1 - mark) };
}
