import type { Graph } from '../graph/graph.js';
import { marked } from '../graph/walk.js';
import type { Catalogue } from './catalogue.js';
import { Charges } from './charges.js';
import { type Fact, type Snapshot, subjectOf } from './fact.js';
import type { Witnesses } from './identify.js';

/** A revision that is claimed, and the facts of it that are not as it left them. */
export interface Finding {
  readonly revision: string;
  /** Facts that it made and that are not there. */
  readonly missing: readonly Fact[];
  /** Facts that it took away and that are there. */
  readonly unexpected: readonly Fact[];
}

/** Who can tell of revisions that leave no trace in the schema. */
export interface ClaimWitnesses extends Witnesses {
  /**
   * Revisions that are on record as having run (the ledger), as opposed to having been stamped. Whatever the schema says, they
   * are not missing.
   */
  readonly recorded?: ReadonlySet<string>;
  /** Whether a revision could have run where what it takes away was not there (`DROP … IF EXISTS`). Default: none could. */
  readonly passes?: (revision: string) => boolean;
}

/** What is heard in one round. */
export interface Hearing {
  readonly catalogue: Catalogue;
  readonly observed: Snapshot;
  readonly claimed: Uint8Array;
  /** Marks of those that were not found missing so far. */
  readonly standing: Uint8Array;
  /** Known objects in other shapes, by object. */
  readonly shapes: ReadonlyMap<string, Fact>;
  readonly witnesses: ClaimWitnesses;
}

export interface Round {
  readonly heard: Hearing;
  readonly charges: Charges;
  readonly struck: ReadonlyMap<number, Finding>;
  readonly unsettled: ReadonlySet<number>;
}

/** One round: strikes what the facts deny, then what stands on it and has nothing to say for itself. */
export function judgeAll(graph: Graph, heard: Hearing): Round {
  const { claimed, shapes, witnesses } = heard;
  const charges = new Charges(graph, heard.catalogue, heard.standing, heard.observed, shapes);
  const numbers = marked(heard.standing);
  for (const n of numbers) {
    const id = graph.idOf(n);
    if (witnesses.recorded?.has(id) === true || witnesses.probes?.get(id) === true) charges.show(n);
  }
  const struck = new Map<number, Finding>();
  const strike = (n: number): void => {
    struck.set(n, findingOf(graph, charges, shapes, n));
    charges.strike(n);
  };
  for (let next = nextOf(numbers, charges); next !== null; next = nextOf(numbers, charges)) strike(next);
  // Comments that are there say something where nothing else does.
  for (const n of numbers) if (charges.standing[n] === 1 && speaksByComments(charges, n)) charges.show(n);
  const unsettled = new Set<number>();
  const held = charges.held(firmOnes(graph, charges, claimed));
  for (const n of numbers) {
    if (charges.standing[n] !== 1 || held.has(n)) continue;
    // One that is only on record may have run where nothing was there for it.
    const ranIdly = isOnRecord(graph.idOf(n), n, charges, witnesses) && charges.findsNothing(n);
    if (charges.isShown(n) && !ranIdly) continue;
    const rests = (graph.parents[n] ?? []).every(
      (p) => charges.standing[p] === claimed[p] && !unsettled.has(p),
    );
    const verdict = judgeSilent(graph.idOf(n), n, charges, rests, witnesses);
    if (verdict === 'missing') strike(n);
    if (verdict === 'unsettled') unsettled.add(n);
  }
  return { heard, charges, struck, unsettled };
}

/**
 * A revision that never ran. One of which a fact waits may yet be shown by another one's strike; only where there is no
 * other is the last of those struck, because what it wrote over may show who made it.
 */
function nextOf(numbers: readonly number[], charges: Charges): number | null {
  let waiting: number | null = null;
  for (let i = numbers.length - 1; i >= 0; i--) {
    const n = numbers[i] as number;
    if ((charges.counts.against[n] as number) === 0 || charges.isShown(n)) continue;
    // Not all of its work is gone: it may have run.
    if ((charges.counts.changed[n] as number) > 0) continue;
    if (charges.counts.waits[n] === 0) return n;
    waiting ??= n;
  }
  return waiting;
}

/**
 * A revision without evidence: is it as claimed, or did it never run?
 * @param rests whether all that it stands on is as claimed
 */
function judgeSilent(
  id: string,
  n: number,
  charges: Charges,
  rests: boolean,
  { probes, recorded, nature, passes }: ClaimWitnesses,
): 'as claimed' | 'missing' | 'unsettled' {
  if (probes?.get(id) === false) return 'missing';
  if ((charges.counts.changed[n] as number) > 0)
    return rests && charges.counts.against[n] === 0 ? 'as claimed' : 'unsettled';
  if (charges.findsNothing(n)) {
    // It may have run without effect on the schema, but not without one on the rows: those must not be written twice.
    if (nature(id) !== 'matters') return 'missing';
    if (recorded?.has(id) === true) return 'as claimed';
    return passes?.(id) === true ? 'unsettled' : 'missing';
  }
  // What it took away is gone, and who made it is held to have run.
  const tookAway = (charges.counts.waits[n] as number) > 0;
  if (rests || tookAway) return 'as claimed';
  return nature(id) === 'matters' ? 'unsettled' : 'missing';
}

/** Revisions that are shown, or that stand on nothing that never ran. */
function firmOnes(graph: Graph, charges: Charges, claimed: Uint8Array): Uint8Array {
  const firm = charges.standing.slice();
  for (let n = 0; n < graph.size; n++)
    if (
      firm[n] === 1 &&
      !charges.isShown(n) &&
      graph.parents[n]?.some((p) => claimed[p] === 1 && firm[p] !== 1)
    )
      firm[n] = 0;
  return firm;
}

function speaksByComments({ counts: { softAgree, softAgainst } }: Charges, n: number): boolean {
  return (softAgree[n] as number) > 0 && softAgainst[n] === 0;
}

/** What is not as a revision left it; an object that has another shape is there with that shape. */
export function findingOf(
  graph: Graph,
  charges: Charges,
  shapes: ReadonlyMap<string, Fact>,
  n: number,
): Finding {
  const against = [...charges.of(n)].flatMap(([fact, verdict]) =>
    verdict === 'against' || verdict === 'changed' || verdict === 'softAgainst' ? [fact] : [],
  );
  const missing = against.filter((fact) => !charges.isObserved(fact)).sort();
  const unexpected = against.filter((fact) => charges.isObserved(fact));
  const others = missing.flatMap((fact) => shapes.get(subjectOf(fact)) ?? []);
  return { revision: graph.idOf(n), missing, unexpected: [...new Set([...unexpected, ...others])].sort() };
}

/** On record, and nothing else speaks for it. */
export function isOnRecord(id: string, n: number, charges: Charges, { recorded }: ClaimWitnesses): boolean {
  return recorded?.has(id) === true && charges.counts.agree[n] === 0;
}
