import type { Graph } from '../graph/graph.js';
import { marked } from '../graph/walk.js';
import { type Catalogue, foreignTo, knownBy } from './catalogue.js';
import type { Charges } from './charges.js';
import type { Fact, Snapshot } from './fact.js';
import { foreseen } from './foresee.js';
import {
  type ClaimWitnesses,
  type Finding,
  findingOf,
  type Hearing,
  isOnRecord,
  judgeAll,
  type Round,
} from './round.js';
import { otherShapes } from './shapes.js';

export type { ClaimWitnesses, Finding } from './round.js';

/** A claim, judged by the facts. */
export interface Diagnosis {
  /** Claimed, and contradicted: these never ran. Parents first. */
  readonly missing: readonly Finding[];
  /** On record as having run, and the schema has none of what they did: their work was taken away since. */
  readonly undone: readonly Finding[];
  /** Claimed and run, but some of what they did is not so any more. */
  readonly drift: readonly Finding[];
  /** Claimed, and what they make is there in another shape: that shows neither that they ran nor that they didn't. */
  readonly changed: readonly Finding[];
  /** Claimed, and nothing in the schema speaks for or against them. */
  readonly undetermined: readonly string[];
  /**
   * Those of them that stand on a missing one and must not run twice, and those whose work is partly gone and partly there in
   * another shape: whether they ran must not be guessed.
   */
  readonly unsettled: readonly string[];
  /** Rows that stand for what the schema shows of the claim. */
  readonly evidence: readonly string[];
  /** What of all that is missing is there in another shape, or under another name, by object. */
  readonly shapes: ReadonlyMap<string, Fact>;
  /** Objects that no revision touches. */
  readonly foreign: readonly Fact[];
}

/** The same, with what was not claimed. */
export interface WholeDiagnosis extends Diagnosis {
  /** Not claimed, and some of what they make is there: somebody made it beforehand. */
  readonly early: readonly Finding[];
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
  const heard = { catalogue, observed, claimed, standing: claimed, shapes, witnesses };
  const { findings, round } = judgeToTheEnd(graph, heard);
  const { charges } = round;
  const unsettled = new Set(round.unsettled);
  for (const [n, isSure] of undoneByRepair(graph, heard, findings, round)) {
    if (isSure) findings.set(n, { revision: graph.idOf(n), missing: [], unexpected: [] });
    else unsettled.add(n);
  }
  const standing = marked(charges.standing).filter((n) => !findings.has(n));
  const shown = standing.filter((n) => charges.isShown(n));
  const against = shown.filter((n) => isDenied(graph.idOf(n), n, charges, witnesses));
  const undone = against.filter(
    (n) => isOnRecord(graph.idOf(n), n, charges, witnesses) && charges.counts.changed[n] === 0,
  );
  const found = (numbers: readonly number[]): Finding[] =>
    numbers.map((n) => findingOf(graph, charges, shapes, n));
  return {
    missing: [...findings].sort(([a], [b]) => a - b).map(([, finding]) => finding),
    undone: found(undone),
    drift: found(against.filter((n) => !undone.includes(n))),
    changed: found(standing.filter((n) => !charges.isShown(n) && (charges.counts.changed[n] as number) > 0)),
    undetermined: graph.idsOf(standing.filter((n) => !charges.isShown(n))),
    unsettled: graph.idsOf([...unsettled].sort((a, b) => a - b)),
    evidence: graph.idsOf(graph.maximal(graph.closure(shown))),
    shapes,
    foreign: foreignTo(known, observed),
  };
}

/** Hears all again until nothing more is struck. */
function judgeToTheEnd(graph: Graph, heard: Hearing): { findings: Map<number, Finding>; round: Round } {
  const findings = new Map<number, Finding>();
  let round = judgeAll(graph, heard);
  // What spoke for a revision may have been the work of one below it whose undoing never ran: so all are heard again.
  for (; round.struck.size > 0; round = judgeAll(graph, { ...round.heard, standing: round.charges.standing }))
    for (const [n, finding] of round.struck) findings.set(n, finding);
  return { findings, round };
}

/**
 * Revisions without a trace that would be contradicted once the missing ones are run: what they take away would be there then. So
 * they are missing with them, and one repair is enough; unless they may have run where nothing was there for them, and must not
 * run twice.
 *
 * @returns their numbers, and whether they are missing for sure
 */
function undoneByRepair(
  graph: Graph,
  heard: Hearing,
  findings: ReadonlyMap<number, Finding>,
  { charges, unsettled }: Round,
): Map<number, boolean> {
  const { catalogue, observed, witnesses } = heard;
  const found = new Map<number, boolean>();
  const known = knownBy(catalogue);
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    const run = [...findings.keys(), ...found.keys()].sort((a, b) => a - b);
    if (run.length === 0) break;
    const after = foreseen(observed, catalogue, graph.idsOf(run));
    const again = judgeToTheEnd(graph, { ...heard, observed: after, shapes: otherShapes(known, after) });
    for (const n of again.findings.keys()) {
      const id = graph.idOf(n);
      const isSilent = charges.standing[n] === 1 && !charges.isShown(n) && !unsettled.has(n);
      if (!isSilent || found.has(n)) continue;
      found.set(n, witnesses.nature(id) !== 'matters' || witnesses.passes?.(id) !== true);
    }
  }
  return found;
}

/** Whether facts speak against a revision, or the probe of one that is only on record. */
function isDenied(id: string, n: number, charges: Charges, { probes, recorded }: ClaimWitnesses): boolean {
  if ((charges.counts.against[n] as number) + (charges.counts.changed[n] as number) > 0) return true;
  return recorded?.has(id) === true && probes?.get(id) === false && charges.counts.agree[n] === 0;
}
