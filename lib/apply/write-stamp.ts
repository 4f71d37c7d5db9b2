import { randomUUID } from 'node:crypto';
import { type Locked, whoAndWhere } from '../access/open.js';
import { recordedIn, standingOn } from '../access/record/recorded.js';
import { toldOf } from '../access/record/told.js';
import { goneBelow } from '../access/unknown-kinds.js';
import { holdsLock, isGuard } from '../database/connection/lock.js';
import { FailedTransaction, withTransaction } from '../database/connection/transaction.js';
import type { AcceptedDrift } from '../database/tables/accepted-drift.js';
import { lastEntries } from '../database/tables/last-entries.js';
import { addEntry, type LedgerEntry, makeLedger } from '../database/tables/ledger.js';
import type { LedgerRecord } from '../database/tables/record.js';
import {
  changeRows,
  lockRows,
  makeVersionTable,
  presentRows,
  writeAbsent,
} from '../database/tables/version-table.js';
import type { Graph } from '../graph/graph.js';
import { marked } from '../graph/walk.js';
import type { StampPlan } from '../plan/plan.js';
import type { StepOptions } from '../run/options.js';
import { LIBRARY_VERSION } from '../version.js';

/** The one revision that a stamp is about, where that is not the rows. */
export interface StampedRevision {
  readonly revision: string;
  /** Its checksum from now on. */
  readonly checksum: string | null;
}

/** What the entry of a stamp keeps beside its rows and its reason. */
export interface StampKeeps {
  /** Every revision that it counts as applied. Default: what the rows claim. */
  readonly covers?: readonly string[] | undefined;
  /** The revision that it is about. Default: the rows. */
  readonly about?: StampedRevision | undefined;
  /** Whether steps that were begun outside a transaction go on after it. Default: only where it is about one revision. */
  readonly goesOn?: boolean | undefined;
  /** What differs from these revisions, and is accepted as it is. Default: nothing. */
  readonly drift?: readonly AcceptedDrift[] | undefined;
}

/** Who stamps, and what code the schema is for from now on. */
type Stamping = Pick<StepOptions, 'actor' | 'application' | 'compatible'>;

/** Moves the rows and writes down why, in one transaction. @returns false if there was nothing to write */
export async function writeStamp(
  opened: Pick<Locked, 'session' | 'table' | 'project' | 'emit' | 'record' | 'lockKey'>,
  plan: StampPlan,
  options: Stamping,
  why: string,
  keeps: StampKeeps = {},
): Promise<boolean> {
  const { session, table, emit } = opened;
  const moves = plan.remove.length + plan.add.length > 0 || !table.exists;
  if (!moves && keeps.covers === undefined && (keeps.drift ?? []).length === 0) return false;
  const ledger = (await lastEntries(session, table)) !== null;
  const outcome = await withTransaction(session, async () => {
    if (isGuard(opened.lockKey)) await holdsLock(session, opened.lockKey);
    if (isGuard(opened.lockKey) && table.exists)
      await lockRows(session, table, presentRows(table, plan.from));
    if (!table.exists) await makeVersionTable(session, table);
    await writeAbsent(session, table);
    if (!ledger) await makeLedger(session, table.schema);
    await changeRows(session, table, plan, plan.to);
    for (const entry of entriesOf(opened, plan, options, why, keeps)) await addEntry(session, table, entry);
  });
  if (outcome instanceof FailedTransaction) throw outcome.error;
  // A decision about one revision is told by who made it.
  if (keeps.about === undefined) emit({ type: 'stamped', to: plan.to, why });
  return true;
}

/** One entry per row that comes; a stamp that only takes rows away is one entry for `base`. */
export function entriesOf(
  { project, record }: Pick<Locked, 'project' | 'record'>,
  plan: StampPlan,
  options: Stamping,
  why: string,
  {
    covers = coveredBy(project.graph, plan.to, record, plan.remove),
    about,
    drift = [],
    goesOn = about !== undefined,
  }: StampKeeps = {},
): LedgerEntry[] {
  const told = toldOf(project, covers, record, options.compatible);
  const run = randomUUID();
  const now = new Date();
  return (about === undefined ? writtenFor(plan) : [about.revision]).map((revision) => ({
    run,
    revision,
    direction: 'stamp',
    parents: project.graph.parentsOf(revision),
    checksum: about?.checksum ?? null,
    rowsFrom: plan.from,
    rowsTo: plan.to,
    startedAt: now,
    finishedAt: now,
    ms: 0,
    outcome: 'done',
    message: why,
    statistics: {
      covers,
      ...told,
      ...(drift.length === 0 ? {} : { drift }),
      ...(goesOn ? { goesOn } : {}),
      ...(about === undefined ? {} : { decides: true }),
    },
    ...whoAndWhere(),
    ...(options.actor === undefined ? {} : { actor: options.actor }),
    application: options.application ?? null,
    libraryVersion: LIBRARY_VERSION,
  }));
}

/** A stamp that only takes rows away is one entry for `base`; one that moves nothing is about the rows that stay. */
function writtenFor({ add, remove, to }: StampPlan): readonly string[] {
  if (add.length > 0) return add;
  return remove.length === 0 && to.length > 0 ? to : ['base'];
}

/**
 * Everything that rows claim, themselves included. What no file has and is recorded as below them stays: a stamp says nothing about what
 * its code does not know. Below a row that no file has, what files have stays as well.
 * @param removed rows that go
 */
export function coveredBy(
  graph: Graph,
  rows: readonly string[],
  record: LedgerRecord | null,
  removed: readonly string[] = [],
): string[] {
  const covered = new Set([...graph.idsOf(marked(graph.closureOf(rows))), ...rows]);
  const parents = standingOn(record);
  const recorded = recordedIn(graph, record ?? []);
  // What a squash took the place of is known, and covered with it or not at all.
  const isUnknown = (id: string): boolean => graph.today(id) === undefined;
  // A squash stands on what its parts ran on.
  const seen = new Set([...covered].flatMap((id) => [id, ...(graph.squashes.get(id) ?? [])]));
  // Of what is below a row that files have, this graph says what stands on what.
  const unknownRows = rows.filter(isUnknown);
  const kept = new Set(unknownRows.flatMap((row) => goneBelow(graph, row, (id) => parents.get(id) ?? null)));
  const below = (id: string, parent: string): readonly string[] => {
    if (isUnknown(parent)) return [parent];
    return kept.has(id) ? graph.idsOf(marked(graph.closureOf([graph.today(parent) as string]))) : [];
  };
  for (const id of seen)
    for (const one of (parents.get(id) ?? []).flatMap((parent) => below(id, parent)))
      if (recorded.has(one)) {
        covered.add(one);
        seen.add(one);
      }
  // Recorded by an earlier stamp, and by nothing else: what it stands on, and what stands on it, is not known here.
  const placed = new Set([...parents.keys(), ...[...parents.values()].flat()]);
  // Whose own row was taken away on purpose is forgotten, as it is said before.
  for (const id of recorded) if (isUnknown(id) && !placed.has(id) && !removed.includes(id)) covered.add(id);
  return [...covered];
}
