import { assertUnpaused, ranBeside, unfinishedOf } from '../access/held.js';
import type { KeptDowngrade } from '../access/kept.js';
import type { Locked, Opened } from '../access/open.js';
import { assertNoneRenamed, byIdHere } from '../access/renamed.js';
import { assertNotStale } from '../backfill/stale.js';
import type { RunOptions } from '../config/options.js';
import { hasSchema } from '../database/catalog/occupancy.js';
import { describeServer } from '../database/connection/server.js';
import type { Session } from '../database/connection/session.js';
import type { AcceptedDrift } from '../database/tables/accepted-drift.js';
import { lastEntries } from '../database/tables/last-entries.js';
import { pinSchema } from '../database/tables/version-table.js';
import { RevgraphError } from '../errors/error.js';
import type { Plan, StampPlan } from '../plan/plan.js';
import type { DataLoss } from '../preflight/lines/line.js';
import { precheckPlan } from '../run/checks.js';
import { type PreparedStep, prepare } from '../run/prepare.js';
import { checkRequirements, provideExtensions } from '../run/requirements.js';
import { assertResumable } from '../run/resume.js';
import type { Run, StepProof } from '../run/run.js';
import { assertGuarded } from '../run/settings.js';
import { withoutEnded } from './applied-checks.js';
import { newRun } from './new-run.js';
import type { StampKeeps } from './write-stamp.js';

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

/** A run that nothing before step one refuses. */
interface Ready {
  readonly run: Run;
  readonly steps: readonly PreparedStep[];
  readonly losses: readonly DataLoss[];
  readonly standing: Awaited<ReturnType<typeof import('./verify.js').checksAfter>> | undefined;
  readonly after: typeof import('./verify.js') | null;
}

/**
 * Prepares a plan, and asks everything that can refuse it before step one: one place, for runs and for dry runs. Writes nothing.
 * @throws what `upgrade` and `downgrade` throw before step one
 */
export async function makeReady(
  locked: Locked,
  plan: Plan,
  options: RunOptions,
  next: string | ((plan: Plan) => string),
  { confirm, stamp, watch, proof: given, prove, confirmed = false, parks = false }: Hooks,
): Promise<Ready> {
  const { project, session, server, table, emit } = locked;
  const toRun = options.dryRun !== true;
  if (server.readOnly !== null)
    throw new RevgraphError('server_read_only', { why: server.readOnly, url: session.label });
  const prepared = await prepare(plan, project.revisions, { toRun });
  const steps = withoutEnded(prepared, project.graph, locked.rows);
  if (options.schema !== undefined) await assertSchema(session, options.schema, steps);
  // Without a record there is no ledger, but for pg-mem, whose ledger can't be asked for one.
  const noLedger = locked.record === null && server.versionNumber !== null;
  const entries = noLedger ? null : await lastEntries(session, table);
  const last = entries === null ? null : byIdHere(locked, entries);
  await assertNoneRenamed(session, table, locked, plan.steps, entries ?? undefined);
  const proof = given ?? (toRun ? await prove?.(locked, plan, stamp?.drift) : undefined);
  const run = newRun(locked, plan, options, next, last, {
    afterStep: watch === undefined ? undefined : (revision) => watch(revision, session),
    proof,
  });
  const verifies = plan.direction === 'upgrade' && options.verify !== false && toRun;
  const after = verifies ? await import('./verify.js') : null;
  const standing = await after?.checksAfter(locked, plan, options);
  assertResumable(run, steps);
  assertGuarded(run, steps);
  if (parks) await (await import('./parked.js')).assertNotParked(run, steps);
  await assertUnpaused(locked, steps);
  await assertNotStale({ ...run, hasLedger: entries !== null }, steps);
  await provideExtensions(session, steps);
  const { examineRun, refusePlan } = await import('../preflight/refuse.js');
  const beginning = { direction: plan.direction, session, server, table, steps, options, emit };
  const before = plan.direction === 'downgrade' ? await examineRun(beginning) : null;
  // What would be asked is shown by a dry run, and asked by nobody.
  if (toRun) await confirm?.(plan, steps, before?.losses ?? [], []);
  await assertRequirements(locked, plan, steps, options);
  await precheckPlan(session, steps);
  const { assertMayDestroy, mindsDestruction } = await import('../preflight/destruction.js');
  const checks = options.preflight !== 'off';
  let examined = before;
  if (checks || mindsDestruction(options)) {
    examined ??= await examineRun(beginning);
    if (plan.direction === 'upgrade') assertMayDestroy(options, examined.losses, confirmed || !toRun);
    if (checks) run.progress.backup = await refusePlan(beginning, examined, run.next);
  }
  return { run, steps, losses: examined?.losses ?? [], standing, after };
}

/** Holds what steps require against the server, and against the backfills that are not finished. @throws `requirement_unmet` */
export async function assertRequirements(
  opened: Opened & Pick<Locked, 'server'>,
  plan: Plan,
  steps: readonly PreparedStep[],
  options: RunOptions,
  of?: Parameters<typeof checkRequirements>[4],
): Promise<void> {
  const { session, server, table, project } = opened;
  const holding = { session, table, plan, options, project, ...ranBeside(opened) };
  await checkRequirements(session, server, steps, await unfinishedOf(holding, steps), of);
}

/** A schema that is not there is made by the first step, or by nobody: others of the search path would take what is meant for it. */
export async function assertSchema(
  session: Session,
  schema: string,
  steps: readonly PreparedStep[],
): Promise<void> {
  const [first] = steps;
  const makes =
    first === undefined ||
    !('statements' in first.work) ||
    first.work.statements.some(
      ({ sql, touches }) => /schema|extension/i.test(sql) || touches.some(({ kind }) => kind === 'opaque'),
    );
  if (makes || (await hasSchema(session, schema))) return;
  throw new RevgraphError('schema_missing', { searchPath: schema });
}

/**
 * What a run would ask before step one, without the lock: it refuses what the run refuses.
 * @returns what a downgrade would lose
 */
export async function rehearse(
  { session, table: found, ...opened }: Opened,
  plan: Plan,
  options: RunOptions,
  next: string | ((plan: Plan) => string),
  hooks: Hooks,
): Promise<readonly DataLoss[]> {
  if (plan.steps.length === 0) return [];
  const server = await describeServer(session, options.schema);
  const table = await pinSchema(session, found, server);
  const locked = { ...opened, session, table, server, lockKey: null };
  const { losses } = await makeReady(locked, plan, { ...options, dryRun: true }, next, hooks);
  return plan.direction === 'downgrade' ? losses : [];
}
