import { type Locked, withDatabase, withLock } from '../access/open.js';
import { entriesOf, writeStamp } from '../apply/write-stamp.js';
import { hasUserTables } from '../database/catalog/occupancy.js';
import {
  entryScript,
  rowGuard,
  rowScript,
  tableStatements,
  transactionScript,
} from '../database/tables/script.js';
import { RevgraphError } from '../errors/error.js';
import type { StampPlan } from '../plan/plan.js';
import type { StampOptions } from './stamp-target.js';
import { planStampOver, type StampTarget, stampTargetOf } from './stamp-target.js';

/** See `stamp`. */
export async function stampDatabase(options: StampOptions): Promise<StampResult> {
  if (options.dryRun === true)
    return withDatabase(options, async (opened) => {
      const target = await stampTargetOf(opened, options);
      const plan = planStampOver(opened.project.graph, opened.rows, target.targets);
      return resultOf(plan, target.why, true);
    });
  return withLock(options, async (locked) => {
    const target = await stampTargetOf(locked, options);
    const plan = planStampOver(locked.project.graph, locked.rows, target.targets);
    await assertConfirmed(locked, plan, target, options);
    await writeStamp(locked, plan, options, target.why);
    return resultOf(plan, target.why, false);
  });
}

function resultOf(plan: StampPlan, why: string, dryRun: boolean): StampResult {
  return { direction: 'stamp', from: plan.from, to: plan.to, steps: [], dryRun, why, plan };
}

/** See `stampScript`. */
export async function stampAsScript(options: StampOptions): Promise<StampResult & { readonly text: string }> {
  return withDatabase(options, async (opened) => {
    const { project, rows, table } = opened;
    const { targets, why } = await stampTargetOf(opened, options);
    const plan = planStampOver(project.graph, rows, targets);
    const entries = entriesOf(project, plan, options, why).map((entry) => entryScript(table, entry));
    const statements = [rowGuard(table, plan.from), ...rowScript(table, plan), ...entries];
    const text = [...tableStatements(table), ...transactionScript(statements)].map((s) => `${s};\n`).join('');
    return { ...resultOf(plan, why, true), text };
  });
}

async function assertConfirmed(
  { session, table, rows }: Locked,
  plan: StampPlan,
  target: StampTarget,
  options: StampOptions,
): Promise<void> {
  if (options.confirmed === true || plan.to.length === 0) return;
  if (target.proven) {
    const contradicts = rows.length > 0 && plan.remove.length > 0;
    if (!contradicts) return;
    throw new RevgraphError('confirmation_needed', {
      what: `The version table has ${rows.join(', ')}, but the schema matches ${plan.to.join(', ')}`,
      consequence: 'the stamp would replace the rows with what the schema shows.',
    });
  }
  if (table.exists || !(await hasUserTables(session, table.schema))) return;
  throw new RevgraphError('confirmation_needed', {
    what: `The database has tables and no version table, and no evidence supports the stamp ${plan.to.join(', ')}`,
    consequence: 'revisions up to there will never run.',
  });
}

export interface StampResult {
  readonly direction: 'stamp';
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly steps: readonly [];
  readonly dryRun: boolean;
  /** The reason or the evidence of the stamp. */
  readonly why: string;
  readonly plan: StampPlan;
}
