import { type Complete, type KeptDowngrade, withKept } from '../access/kept.js';
import { type Locked, type Opened, withDatabase, withLock } from '../access/open.js';
import type { RunOptions } from '../config/options.js';
import type { VersionRowChange } from '../database/tables/version-table.js';
import { RevgraphError } from '../errors/error.js';
import type { Plan } from '../plan/plan.js';
import type { DataLoss } from '../preflight/lines/line.js';
import type { RunHooks } from '../run/code/hooks.js';
import { execute } from '../run/execute.js';
import { tablesMade } from '../run/record.js';
import { notRun, type Run, type StepResult } from '../run/run.js';
import { resetOutside } from '../run/settings.js';
import { type Planner, planFor } from './plan-for.js';
import { type Hooks, makeReady, rehearse } from './ready.js';
import { writeStamp } from './write-stamp.js';

/** What a run did, or with `dryRun` would do. */
export interface ApplyResult {
  readonly direction: 'upgrade' | 'downgrade';
  /** Rows before and after. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly steps: readonly StepResult[];
  readonly dryRun: boolean;
  readonly plan: Plan;
  /** Of a downgrade: what it takes away for good, as counted before it, and what revisions say of it (`@loses`). */
  readonly losses: readonly DataLoss[];
  /** Of a downgrade: the revisions of the plan that no file has, and what the ledger keeps to take them back. */
  readonly kept: readonly KeptDowngrade[];
}

/**
 * Plans against the rows and runs the plan under the lock; for a dry run only plans.
 * @param next the command that goes on after a failure: with ids, what counts from the rows would lead elsewhere then
 */
export async function applyPlan(
  options: RunOptions,
  planner: Planner,
  next: string | ((plan: Plan) => string),
  hooks: Hooks = {},
): Promise<ApplyResult> {
  if (options.dryRun === true)
    return withDatabase(options, async (found) => {
      const { opened, kept } = await completed(found, planner);
      const plan = await planFor(opened, planner, options);
      if (plan.steps.length > 0) await hooks.look?.(opened, plan);
      const losses = await rehearse(opened, plan, options, next, hooks);
      const steps = notRun(plan);
      const { direction, from, to } = plan;
      return { direction, from, to, steps, dryRun: true, plan, losses, kept: keptIn(plan, kept) };
    });
  return withLock(options, async (found) => {
    const { opened: locked, kept } = await completed(found, planner);
    const plan = await planFor(locked, planner, options);
    if (plan.steps.length > 0) await hooks.look?.(locked, plan);
    let losses: readonly DataLoss[] = [];
    const confirm: Hooks['confirm'] = async (...asked) => {
      losses = asked[2];
      await hooks.confirm?.(asked[0], asked[1], losses, keptIn(plan, kept));
    };
    const steps =
      plan.steps.length === 0 ? [] : await runPlan(locked, plan, options, next, { ...hooks, confirm });
    const { direction, from, to } = plan;
    return { direction, from, to, steps, dryRun: false, plan, losses, kept: keptIn(plan, kept) };
  });
}

/** Only a downgrade takes back what no file has. */
async function completed<T extends Opened>(opened: T, { direction }: Planner): Promise<Complete<T>> {
  return direction === 'downgrade' ? withKept(opened) : { opened, kept: new Map() };
}

function keptIn({ steps }: Plan, kept: Complete<Opened>['kept']): KeptDowngrade[] {
  return steps.flatMap(({ revision }) => kept.get(revision) ?? []);
}

/** Prepares a plan, checks all that can be checked before step one, and runs it. */
export async function runPlan(
  locked: Locked,
  plan: Plan,
  options: RunOptions,
  next: string | ((plan: Plan) => string),
  hooks: Hooks,
): Promise<readonly StepResult[]> {
  const { stamp } = hooks;
  const { run: made, steps, standing, after } = await makeReady(locked, plan, options, next, hooks);
  const run = withHooks(stamp === undefined ? made : withStamped(made, stamp.plan), options.hooks);
  await runHook(run, options.hooks, 'beforeRun');
  if (stamp !== undefined && (await writeStamp(locked, stamp.plan, options, stamp.why, stamp)))
    tablesMade(run, { version: true });
  run.emit({ type: 'planned', total: steps.length, from: plan.from, to: plan.to });
  await execute(run, steps);
  if ([...run.progress.rows].sort().join() !== [...plan.to].sort().join())
    throw new RevgraphError('internal', {
      reason: `the rows became ${run.progress.rows.join()} instead of ${plan.to.join()}`,
    });
  await run.proof?.after?.();
  if (standing !== undefined) await after?.verifyAfter(locked, standing, run.progress.results, options);
  await runHook(run, options.hooks, 'afterRun');
  return run.progress.results;
}

/** A row that a stamp takes away stands under its own name when it comes again. */
function withStamped(run: Run, { remove }: VersionRowChange): Run {
  const stored = new Map([...(run.table.stored ?? [])].filter(([id]) => !remove.includes(id)));
  return { ...run, table: { ...run.table, stored } };
}

function withHooks(run: Run, hooks: RunHooks | undefined): Run {
  if (hooks?.afterStep === undefined) return run;
  const afterStep = async (revision: string): Promise<void> => {
    await run.afterStep?.(revision);
    await runHook(run, hooks, 'afterStep', revision);
  };
  return { ...run, afterStep };
}

/** Calls a function around the run; what it leaves in the session ends with it. */
async function runHook(
  run: Run,
  hooks: RunHooks | undefined,
  name: keyof RunHooks,
  revision: string | null = null,
): Promise<void> {
  if (hooks?.[name] === undefined) return;
  const { direction, from, to, steps } = run.plan;
  const context = { direction, from, to, revisions: steps.map((step) => step.revision) };
  const applied = run.progress.results.map((result) => result.revision);
  const { callHook } = await import('../run/code/hooks.js');
  try {
    await callHook(name, hooks, run.session, context, { applied, next: run.next }, revision);
  } finally {
    await resetOutside(run);
  }
}
