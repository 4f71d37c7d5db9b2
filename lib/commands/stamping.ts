import { randomUUID } from 'node:crypto';
import { addEntry, createLedger, type LedgerEntry, lastEntries } from '../database/ledger.js';
import { hasUserTables } from '../database/occupancy.js';
import { entryScript, rowGuard, rowScript, tableStatements, transactionScript } from '../database/script.js';
import { FailedTransaction, withTransaction } from '../database/transaction.js';
import { changeRows, createVersionTable } from '../database/version-table.js';
import { RevgraphError } from '../errors.js';
import type { StampPlan } from '../plan/plan.js';
import { planStamp } from '../plan/stamp.js';
import { LIBRARY_VERSION } from '../version.js';
import { parentsOf } from './change.js';
import { type Locked, whoAndWhere, withDatabase, withLock } from './open.js';
import type { Project } from './project.js';
import type { StampOptions, StampResult } from './stamp.js';

/** See `stamp`. */
export async function moveRows(options: StampOptions): Promise<StampResult> {
  const why = options.reason ?? 'named on request';
  const plan = (graph: Parameters<typeof planStamp>[0], rows: readonly string[]): StampPlan =>
    // An unknown row is what a stamp may have to mend: it goes, unless other rows are asked for only.
    planStampOver(graph, rows, options.targets);
  const result = (planned: StampPlan, dryRun: boolean): StampResult => ({
    direction: 'stamp',
    from: planned.from,
    to: planned.to,
    steps: [],
    dryRun,
    why,
    plan: planned,
  });
  if (options.dryRun === true)
    return withDatabase(options, async ({ project, rows }) => result(plan(project.graph, rows), true));
  return withLock(options, async (locked) => {
    const planned = plan(locked.project.graph, locked.rows);
    await assertConfirmed(locked, planned, options);
    await write(locked, planned, options, why);
    return result(planned, false);
  });
}

/** See `stampScript`. */
export async function moveRowsScript(
  options: StampOptions,
): Promise<StampResult & { readonly text: string }> {
  return withDatabase(options, async ({ project, rows, table }) => {
    const plan = planStampOver(project.graph, rows, options.targets);
    const why = options.reason ?? 'named on request';
    const entries = entriesOf(project, plan, options, why).map((entry) => entryScript(table, entry));
    const statements = [rowGuard(table, plan.from), ...rowScript(table, plan), ...entries];
    const text = [...tableStatements(table), ...transactionScript(statements)].map((s) => `${s};\n`).join('');
    return { direction: 'stamp', from: plan.from, to: plan.to, steps: [], dryRun: true, why, plan, text };
  });
}

/** Rows that the graph doesn't know are on no line of it; a stamp leaves them only if it would also leave a known one. */
function planStampOver(
  graph: Parameters<typeof planStamp>[0],
  rows: readonly string[],
  targets: readonly string[],
): StampPlan {
  const unknown = rows.filter((row) => !graph.has(row));
  if (unknown.length === 0) return planStamp(graph, rows, targets);
  const planned = planStamp(
    graph,
    rows.filter((row) => graph.has(row)),
    targets,
  );
  return { ...planned, from: [...rows], remove: [...planned.remove, ...unknown] };
}

async function assertConfirmed(
  { session, table }: Locked,
  plan: StampPlan,
  options: StampOptions,
): Promise<void> {
  if (table.exists || options.confirmed === true || plan.to.length === 0) return;
  if (!(await hasUserTables(session, table.schema))) return;
  throw new RevgraphError('confirmation_needed', {
    what: `The database has tables and no version table; stamping it ${plan.to.join(', ')} rests on nothing but your word`,
    consequence: 'every revision up to there will never run.',
  });
}

async function write(locked: Locked, plan: StampPlan, options: StampOptions, why: string): Promise<void> {
  const { session, table, project } = locked;
  if (plan.remove.length === 0 && plan.add.length === 0 && table.exists) return;
  const ledger = (await lastEntries(session, table.schema)) !== null;
  const outcome = await withTransaction(session, async () => {
    if (!table.exists) await session.query(createVersionTable(table));
    if (!ledger) await session.query(createLedger(table.schema));
    await changeRows(session, table, plan);
    for (const entry of entriesOf(project, plan, options, why)) await addEntry(session, table.schema, entry);
  });
  if (outcome instanceof FailedTransaction) throw outcome.cause;
}

/** One entry per row that comes; a stamp that only takes rows away is one entry for `base`. */
function entriesOf({ graph }: Project, plan: StampPlan, options: StampOptions, why: string): LedgerEntry[] {
  const run = randomUUID();
  const now = new Date();
  return (plan.add.length > 0 ? plan.add : ['base']).map((revision) => ({
    run,
    revision,
    direction: 'stamp',
    parents: parentsOf(graph, revision),
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
