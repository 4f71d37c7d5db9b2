import { randomUUID } from 'node:crypto';
import { type Locked, whoAndWhere } from '../access/open.js';
import { FailedTransaction, withTransaction } from '../database/connection/transaction.js';
import { lastEntries } from '../database/tables/last-entries.js';
import { addEntry, type LedgerEntry, makeLedger } from '../database/tables/ledger.js';
import { changeRows, makeVersionTable } from '../database/tables/version-table.js';
import type { StampPlan } from '../plan/plan.js';
import type { Project } from '../project/project.js';
import type { StepOptions } from '../run/options.js';
import { LIBRARY_VERSION } from '../version.js';

/** Moves the rows and writes down why, in one transaction. @returns false if there was nothing to write */
export async function writeStamp(
  { session, table, project, emit }: Pick<Locked, 'session' | 'table' | 'project' | 'emit'>,
  plan: StampPlan,
  options: Pick<StepOptions, 'actor' | 'application'>,
  why: string,
): Promise<boolean> {
  if (plan.remove.length === 0 && plan.add.length === 0 && table.exists) return false;
  const ledger = (await lastEntries(session, table.schema)) !== null;
  const outcome = await withTransaction(session, async () => {
    if (!table.exists) await makeVersionTable(session, table);
    if (!ledger) await makeLedger(session, table.schema);
    await changeRows(session, table, plan);
    for (const entry of entriesOf(project, plan, options, why)) await addEntry(session, table.schema, entry);
  });
  if (outcome instanceof FailedTransaction) throw outcome.error;
  emit({ type: 'stamped', to: plan.to, why });
  return true;
}

/** One entry per row that comes; a stamp that only takes rows away is one entry for `base`. */
export function entriesOf(
  { graph }: Project,
  plan: StampPlan,
  options: Pick<StepOptions, 'actor' | 'application'>,
  why: string,
): LedgerEntry[] {
  const run = randomUUID();
  const now = new Date();
  return (plan.add.length > 0 ? plan.add : ['base']).map((revision) => ({
    run,
    revision,
    direction: 'stamp',
    parents: graph.parentsOf(revision),
    checksum: null,
    rowsFrom: plan.from,
    rowsTo: plan.to,
    startedAt: now,
    finishedAt: now,
    ms: 0,
    outcome: 'done',
    message: why,
    ...whoAndWhere(),
    ...(options.actor === undefined ? {} : { actor: options.actor }),
    application: options.application ?? null,
    libraryVersion: LIBRARY_VERSION,
  }));
}
