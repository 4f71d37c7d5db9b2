import type { Graph } from '../graph/graph.js';
import { marked } from '../graph/walk.js';
import { type Catalogue, foreignTo, type Known, knownBy } from './catalogue.js';
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

/** A claim, judged by the facts. */
export interface Diagnosis {
  /** Claimed, and contradicted: these never ran. Parents first. */
  readonly missing: readonly Finding[];
  /** On record as having run, and the schema has none of what they did: their work was taken away since. */
  readonly undone: readonly Finding[];
  /** Claimed and run, but some of what they did is not so any more. */
  readonly drift: readonly Finding[];
  /** Claimed, and nothing in the schema speaks for or against them. */
  readonly undetermined: readonly string[];
  /** Those of them that stand on a missing one and must not run twice: whether they ran must not be guessed. */
  readonly unsettled: readonly string[];
  /** Rows that stand for what the schema shows of the claim. */
  readonly evidence: readonly string[];
  /** Objects that no revision touches. */
  readonly foreign: readonly Fact[];
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

/**
 * Judges a claim (the rows of a version table) by the facts of the database, revision by revision. Unlike in `identify`, what
 * ran need not be down-closed: later revisions may have been run on top of a false stamp.
 *
 * Every fact is charged to the last claimed revision that wrote it (see `Charges`). A revision with facts against it and none
 * for it never ran; then its facts are charged to whoever wrote them before, and so on. With facts on both sides it ran, and
 * the schema has drifted. With none it is undetermined, and is taken to be like the claim says, unless it stands on a
 * revision that never ran: then it is missing too, if it may run (again) without harm, or if a witness says so. One that is on
 * record as having run did run: if nothing of it is left, its work was taken away.
 *
 * Example: a creates t; b adds a column; c only writes rows; claimed: all. Without the column b is missing, and so is c if
 * it is idempotent; if it is not, c is unsettled. Without the column but with an index that b made too, b has drifted.
 *
 * Cost: linear in the events, and one pass over the revisions for each one that can't be judged before others.
 *
 * @param claimed marks of the revisions that the rows include
 */
export function diagnose(
  graph: Graph,
  catalogue: Catalogue,
  observed: Snapshot,
  claimed: Uint8Array,
  witnesses: ClaimWitnesses,
): Diagnosis {
  const known = knownBy(catalogue);
  const shapes = otherShapes(known, observed);
  const findings = new Map<number, Finding>();
  let round = judgeAll(graph, { catalogue, observed, claimed, standing: claimed, shapes, witnesses });
  // What spoke for a revision may have been the work of one below it whose undoing never ran: so all are heard again.
  for (; round.struck.size > 0; round = judgeAll(graph, { ...round.heard, standing: round.charges.standing }))
    for (const [n, finding] of round.struck) findings.set(n, finding);
  const { charges, unsettled } = round;
  const standing = marked(charges.standing);
  const shown = standing.filter((n) => charges.isShown(n));
  const against = shown.filter((n) => isDenied(graph.idOf(n), n, charges, witnesses));
  const undone = against.filter((n) => isOnRecord(graph.idOf(n), n, charges, witnesses));
  const found = (numbers: readonly number[]): Finding[] =>
    numbers.map((n) => findingOf(graph, charges, shapes, n));
  return {
    missing: [...findings].sort(([a], [b]) => a - b).map(([, finding]) => finding),
    undone: found(undone),
    drift: found(against.filter((n) => !undone.includes(n))),
    undetermined: graph.idsOf(standing.filter((n) => !charges.isShown(n))),
    unsettled: graph.idsOf(unsettled),
    evidence: graph.idsOf(graph.maximal(graph.closure(shown))),
    foreign: foreignTo(known, observed),
  };
}

/** Whether facts speak against a revision, or the probe of one that is only on record. */
function isDenied(id: string, n: number, charges: Charges, { probes, recorded }: ClaimWitnesses): boolean {
  if ((charges.counts.against[n] as number) > 0) return true;
  return recorded?.has(id) === true && probes?.get(id) === false && charges.counts.agree[n] === 0;
}

/** On record, and nothing else speaks for it. */
function isOnRecord(id: string, n: number, charges: Charges, { recorded }: ClaimWitnesses): boolean {
  return recorded?.has(id) === true && charges.counts.agree[n] === 0;
}

/** What is heard in one round. */
interface Hearing {
  readonly catalogue: Catalogue;
  readonly observed: Snapshot;
  readonly claimed: Uint8Array;
  /** Marks of those that were not found missing so far. */
  readonly standing: Uint8Array;
  /** Known objects in other shapes, by object. */
  readonly shapes: ReadonlyMap<string, Fact>;
  readonly witnesses: ClaimWitnesses;
}

interface Round {
  readonly heard: Hearing;
  readonly charges: Charges;
  readonly struck: ReadonlyMap<number, Finding>;
  readonly unsettled: ReadonlySet<number>;
}

/** One round: strikes what the facts deny, then what stands on it and has nothing to say for itself. */
function judgeAll(graph: Graph, heard: Hearing): Round {
  const { claimed, shapes, witnesses } = heard;
  const charges = new Charges(graph, heard.catalogue, heard.standing, heard.observed);
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
function findingOf(graph: Graph, charges: Charges, shapes: ReadonlyMap<string, Fact>, n: number): Finding {
  const against = [...charges.of(n)].flatMap(([fact, verdict]) =>
    verdict === 'against' || verdict === 'softAgainst' ? [fact] : [],
  );
  const missing = against.filter((fact) => !charges.isObserved(fact)).sort();
  const unexpected = against.filter((fact) => charges.isObserved(fact));
  const others = missing.flatMap((fact) => shapes.get(subjectOf(fact)) ?? []);
  return { revision: graph.idOf(n), missing, unexpected: [...new Set([...unexpected, ...others])].sort() };
}

/** Known objects in a shape that no revision gives them, by object. */
function otherShapes(known: Known, observed: Snapshot): Map<string, Fact> {
  const shapes = new Map<string, Fact>();
  for (const fact of observed)
    if (!known.facts.has(fact) && known.subjects.has(subjectOf(fact))) shapes.set(subjectOf(fact), fact);
  return shapes;
}
