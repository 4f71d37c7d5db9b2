import { hasUserTables } from '../database/occupancy.js';
import { entryScript, rowGuard, rowScript, tableStatements, transactionScript } from '../database/script.js';
import { RevgraphError } from '../errors.js';
import type { Identification } from '../fingerprint/identify.js';
import type { StampPlan } from '../plan/plan.js';
import { planStamp } from '../plan/stamp.js';
import { identifyOpened } from './identifying.js';
import { namingOf } from './naming.js';
import { type Locked, type Opened, withDatabase, withLock } from './open.js';
import type { StampOptions, StampResult } from './stamp.js';
import { entriesOf, writeStamp } from './write-stamp.js';

/** Where a stamp goes, and what that rests on. */
interface Aim {
  readonly targets: readonly string[];
  readonly why: string;
  /** Evidence needs no word of the user's. */
  readonly proven: boolean;
}

/** See `stamp`. */
export async function moveRows(options: StampOptions): Promise<StampResult> {
  if (options.dryRun === true)
    return withDatabase(options, async (opened) => {
      const aim = await aimOf(opened, options);
      const plan = planStampOver(opened.project.graph, opened.rows, aim.targets);
      return resultOf(plan, aim.why, true);
    });
  return withLock(options, async (locked) => {
    const aim = await aimOf(locked, options);
    const plan = planStampOver(locked.project.graph, locked.rows, aim.targets);
    await assertConfirmed(locked, plan, aim, options);
    await writeStamp(locked, plan, options, aim.why);
    return resultOf(plan, aim.why, false);
  });
}

function resultOf(plan: StampPlan, why: string, dryRun: boolean): StampResult {
  return { direction: 'stamp', from: plan.from, to: plan.to, steps: [], dryRun, why, plan };
}

async function aimOf(opened: Opened, options: StampOptions): Promise<Aim> {
  const { reason, targets: typed = [] } = options;
  const naming = await namingOf(options.releases);
  const targets = typed.flatMap((target) => naming.all(opened.project.graph, target));
  if (options.auto !== true) return { targets, why: reason ?? 'named on request', proven: false };
  if (targets.length > 0)
    throw new RevgraphError('usage', {
      message: 'With --auto the evidence says where the database is: no target is needed.',
      hint: 'To overrule it: --revision ID --reason "…".',
    });
  const found = await identifyOpened(opened);
  if (options.override !== undefined)
    return overruled(naming.all(opened.project.graph, options.override), found, reason);
  const { match, candidates, unsettled, applied, undetermined } = found;
  if (match === 'empty') return { targets: ['base'], why: 'the database is empty', proven: true };
  if (match !== 'exact') throw new RevgraphError('unidentified', { match, candidates, unsettled });
  const open = undetermined.length === 0 ? '' : `; no evidence either way for ${undetermined.join(', ')}`;
  const why = `the schema is that of ${found.stamp.join(', ')}: ${applied.length} revisions by evidence${open}`;
  return { targets: found.stamp, why: reason === undefined ? why : `${reason} (${why})`, proven: true };
}

/** The user's word over the evidence; the ledger keeps both. @throws `usage` without a reason */
function overruled(
  named: string | readonly string[],
  found: Identification,
  reason: string | undefined,
): Aim {
  if (reason === undefined || reason.trim() === '')
    throw new RevgraphError('usage', {
      message: 'What the evidence does not say needs a reason, for the ledger.',
      hint: 'Add --reason "…".',
    });
  const { match, candidates, stamp } = found;
  const [nearest] = candidates;
  const seen =
    match === 'exact'
      ? `the schema is that of ${stamp.join(', ')}`
      : nearest === undefined
        ? match
        : `${match}: nearest is ${nearest.stamp.join(', ')}, ${nearest.score} differ`;
  return { targets: [named].flat(), why: `${reason} (overrules the evidence: ${seen})`, proven: true };
}

/** See `stampScript`. */
export async function moveRowsScript(
  options: StampOptions,
): Promise<StampResult & { readonly text: string }> {
  return withDatabase(options, async (opened) => {
    const { project, rows, table } = opened;
    const { targets, why } = await aimOf(opened, options);
    const plan = planStampOver(project.graph, rows, targets);
    const entries = entriesOf(project, plan, options, why).map((entry) => entryScript(table, entry));
    const statements = [rowGuard(table, plan.from), ...rowScript(table, plan), ...entries];
    const text = [...tableStatements(table), ...transactionScript(statements)].map((s) => `${s};\n`).join('');
    return { ...resultOf(plan, why, true), text };
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
  { session, table, rows }: Locked,
  plan: StampPlan,
  aim: Aim,
  options: StampOptions,
): Promise<void> {
  if (options.confirmed === true || plan.to.length === 0) return;
  if (aim.proven) {
    const contradicts = rows.length > 0 && plan.remove.length > 0;
    if (!contradicts) return;
    throw new RevgraphError('confirmation_needed', {
      what: `The version table says ${rows.join(', ')}, the schema says ${plan.to.join(', ')}`,
      consequence: 'the rows would be replaced by what the schema shows.',
    });
  }
  if (table.exists || !(await hasUserTables(session, table.schema))) return;
  throw new RevgraphError('confirmation_needed', {
    what: `The database has tables and no version table; stamping it ${plan.to.join(', ')} rests on nothing but your word`,
    consequence: 'every revision up to there will never run.',
  });
}
