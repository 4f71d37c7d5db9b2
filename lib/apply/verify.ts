import { unfinishedIn } from '../access/held.js';
import { type Locked, type Opened, withDatabase } from '../access/open.js';
import { splitUnknown } from '../access/unknown-rows.js';
import type { DatabaseOptions, RunOptions } from '../config/options.js';
import { installedExtensions } from '../database/catalog/capabilities.js';
import { describeServer } from '../database/connection/server.js';
import { RevgraphError } from '../errors/error.js';
import { marked } from '../graph/walk.js';
import type { OptionsOf } from '../options/option.js';
import type { VERIFY } from '../options/verbs.js';
import type { Plan } from '../plan/plan.js';
import type { StepResult } from '../run/run.js';
import type { EndedCheck } from './applied-checks.js';
import { type AppliedChecks, appliedChecks } from './applied-checks.js';
import type { CheckAnswer } from './ask-checks.js';
import { askChecks } from './ask-checks.js';

/** See `verify`. */
export async function verifyDatabase(options: VerifyOptions): Promise<VerifyResult> {
  return withDatabase(options, (opened) => verifyOpened(opened, options));
}

/** The same for a caller that has the database open. */
export async function verifyOpened(
  opened: Opened,
  options: Omit<VerifyOptions, 'database'>,
): Promise<VerifyResult> {
  const { project, session, rows, table } = opened;
  await splitUnknown(opened, options);
  const { checks, ended } = await appliedChecks(project, rows, options.checks);
  const server = await describeServer(session, options.schema);
  const { statementTimeoutMs: timeoutMs, signal } = options;
  const finished = await withoutUnfinished({ project, session, table }, checks);
  if (session.provideExtensions !== undefined)
    await session.provideExtensions(await installedExtensions(session));
  const answers = await askChecks(session, finished, { server, timeoutMs, signal });
  return { ok: answers.every(({ ok }) => ok), checks: answers, ended };
}

/** What runs in the background can't stand before it is through. */
async function withoutUnfinished(
  { project, session, table }: Pick<Opened, 'project' | 'session' | 'table'>,
  checks: AppliedChecks['checks'],
): Promise<AppliedChecks['checks']> {
  const unfinished = new Set(await unfinishedIn({ project, session, table }));
  return checks.filter(({ revision }) => revision === null || !unfinished.has(revision.revision));
}

/**
 * What is to be asked after a plan was run: read before it is, so that what can't be read stops it. The checks of the
 * configuration are about the whole of the revisions: they are left out while some are pending.
 */
export async function checksAfter(
  { project }: Locked,
  { to }: Plan,
  options: RunOptions,
): Promise<AppliedChecks> {
  const { graph } = project;
  const whole = marked(graph.closureOf(to)).length === graph.size;
  return appliedChecks(project, to, whole ? options.checks : []);
}

/**
 * Asks the checks after a plan was run. Those of its last step were asked in it, and nothing has happened since.
 * @throws `verify_failed`
 */
export async function verifyAfter(
  { session, server, project, table }: Locked,
  { checks }: AppliedChecks,
  results: readonly StepResult[],
  { statementTimeoutMs, signal }: RunOptions,
): Promise<void> {
  const applied = results.map(({ revision }) => revision);
  const last = applied.at(-1);
  const mine = checks.filter(({ revision }) => revision === null || revision.revision !== last);
  const open = await withoutUnfinished({ project, session, table }, mine);
  const asking = { server, timeoutMs: statementTimeoutMs || undefined, signal };
  const failed = (await askChecks(session, open, asking)).filter(({ ok }) => !ok);
  if (failed.length === 0) return;
  throw new RevgraphError('verify_failed', {
    applied,
    failed: failed.map(({ ok: _, ...check }) => check),
    asked: open.length,
  });
}

export interface VerifyOptions extends DatabaseOptions, OptionsOf<typeof VERIFY> {}

export interface VerifyResult {
  readonly ok: boolean;
  /** Every check that stands: of applied revisions, parents first, and of the configuration. */
  readonly checks: readonly CheckAnswer[];
  /** Checks that a later revision has ended: they were not asked. */
  readonly ended: readonly EndedCheck[];
}
