import { assertUnpaused, unfinishedOf } from '../access/held.js';
import { type Complete, type KeptDowngrade, withKept } from '../access/kept.js';
import { type Locked, type Opened, withDatabase, withLock } from '../access/open.js';
import type { RunOptions } from '../config/options.js';
import { describeServer } from '../database/connection/server.js';
import type { Session } from '../database/connection/session.js';
import type { AcceptedDrift } from '../database/tables/accepted-drift.js';
import { lastEntries } from '../database/tables/last-entries.js';
import { RevgraphError } from '../errors/error.js';
import type { Plan, StampPlan } from '../plan/plan.js';
import type { DataLoss } from '../preflight/lines/line.js';
import { precheckPlan } from '../run/checks.js';
import { execute } from '../run/execute.js';
import { type PreparedStep, prepare } from '../run/prepare.js';
import { tablesMade } from '../run/record.js';
import { checkRequirements, provideExtensions } from '../run/requirements.js';
import { assertResumable } from '../run/resume.js';
import { notRun, type StepProof, type StepResult } from '../run/run.js';
import { assertGuarded } from '../run/settings.js';
import { withoutEnded } from './applied-checks.js';
import { newRun } from './new-run.js';
import { type Planner, planFor } from './plan-for.js';
import { type StampKeeps, writeStamp } from './write-stamp.js';

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

/** Where a command looks in on a run. */
export interface Hooks {
  /** Given the open database and what is about to be run there, of a dry run too. */
  readonly look?: ((opened: Opened, plan: Plan) => Promise<void>) | undefined;
  /** Asked before anything runs; throws to refuse. */
  readonly confirm?:
    | ((
        plan: Plan,
        steps: readonly PreparedStep[],
        losses: readonly DataLoss[],
        kept: readonly KeptDowngrade[],
      ) => void | Promise<void>)
    | undefined;
  /** Nobody looks at each failure: what failed several times is not tried again. */
  readonly parks?: boolean | undefined;
  /** Rows may be lost where the policy is to ask. */
  readonly confirmed?: boolean | undefined;
  /** A stamp that goes before the first step, written when nothing can refuse the run any more. */
  readonly stamp?: ({ readonly plan: StampPlan; readonly why: string } & StampKeeps) | undefined;
  /** Called after every step, when it is committed. */
  readonly watch?: ((revision: string, session: Session) => Promise<void>) | undefined;
  /** Holds what a step does against what was meant, inside its transaction: what it throws rolls the step back. */
  readonly proof?: StepProof | undefined;
  /** Makes one, once the plan is known. */
  readonly prove?: Prover | undefined;
}

/**
 * A proof for a plan that is about to be run; undefined where there can be none.
 * @param drift what the stamp before it accepts
 */
export type Prover = (
  locked: Locked,
  plan: Plan,
  drift?: readonly AcceptedDrift[],
) => Promise<StepProof | undefined>;

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
      const prepared = await prepare(plan, opened.project.revisions, { toRun: false });
      await assertUnpaused(opened, prepared);
      const losses = plan.direction === 'downgrade' ? await lossesOf(opened, prepared, options) : [];
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

/** What a downgrade would lose, without the lock. */
async function lossesOf(
  { session, table, emit }: Opened,
  steps: readonly PreparedStep[],
  options: RunOptions,
): Promise<readonly DataLoss[]> {
  if (steps.length === 0) return [];
  await provideExtensions(session, steps);
  const server = await describeServer(session, options.schema);
  const { examineRun } = await import('../preflight/refuse.js');
  const found = await examineRun({ direction: 'downgrade', session, server, table, steps, options, emit });
  return found.losses;
}

/** Prepares a plan, checks all that can be checked before step one, and runs it. */
export async function runPlan(
  locked: Locked,
  plan: Plan,
  options: RunOptions,
  next: string | ((plan: Plan) => string),
  { confirm, stamp, watch, proof: given, prove, confirmed = false, parks = false }: Hooks,
): Promise<readonly StepResult[]> {
  const { project, session, server, table, emit } = locked;
  if (server.readOnly !== null)
    throw new RevgraphError('server_read_only', { why: server.readOnly, url: session.label });
  const steps = withoutEnded(await prepare(plan, project.revisions), project.graph, locked.rows);
  // Without a record there is no ledger, but for pg-mem, whose ledger can't be asked for one.
  const noLedger = locked.record === null && server.versionNumber !== null;
  const last = noLedger ? null : await lastEntries(session, table.schema);
  const proof = given ?? (await prove?.(locked, plan, stamp?.drift));
  const run = newRun(locked, plan, options, next, last, {
    afterStep: watch === undefined ? undefined : (revision) => watch(revision, session),
    proof,
  });
  const after = plan.direction === 'upgrade' && options.verify !== false ? await import('./verify.js') : null;
  const standing = await after?.checksAfter(locked, plan, options);
  assertResumable(run, steps);
  assertGuarded(run, steps);
  if (parks) await (await import('./parked.js')).assertNotParked(run, steps);
  await assertUnpaused(locked, steps);
  await provideExtensions(session, steps);
  const { examineRun, refusePlan } = await import('../preflight/refuse.js');
  const beginning = { direction: plan.direction, session, server, table, steps, options, emit };
  const before = plan.direction === 'downgrade' ? await examineRun(beginning) : null;
  await confirm?.(plan, steps, before?.losses ?? [], []);
  await checkRequirements(
    session,
    server,
    steps,
    await unfinishedOf({ ...run, schema: table.schema, project }, steps),
  );
  await precheckPlan(session, steps);
  const { assertMayDestroy, mindsDestruction } = await import('../preflight/destruction.js');
  const checks = options.preflight !== 'off';
  if (checks || mindsDestruction(options)) {
    const examined = before ?? (await examineRun(beginning));
    if (plan.direction === 'upgrade') assertMayDestroy(options, examined.losses, confirmed);
    if (checks) run.progress.backup = await refusePlan(beginning, examined, run.next);
  }
  if (stamp !== undefined && (await writeStamp(locked, stamp.plan, options, stamp.why, stamp)))
    tablesMade(run, { version: true });
  emit({ type: 'planned', total: steps.length, from: plan.from, to: plan.to });
  await execute(run, steps);
  if ([...run.progress.rows].sort().join() !== [...plan.to].sort().join())
    throw new RevgraphError('internal', {
      reason: `the rows became ${run.progress.rows.join()} instead of ${plan.to.join()}`,
    });
  await proof?.after?.();
  if (standing !== undefined) await after?.verifyAfter(locked, standing, run.progress.results, options);
  return run.progress.results;
}
