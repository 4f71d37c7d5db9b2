import { ranBeside, unfinishedOf } from '../access/held.js';
import { type Opened, withDatabase } from '../access/open.js';
import type { RunOptions } from '../config/options.js';
import { describeServer } from '../database/connection/server.js';
import { pinSchema } from '../database/tables/version-table.js';
import { isRevgraphError, RevgraphError } from '../errors/error.js';
import type { OptionsOf } from '../options/option.js';
import type { PREFLIGHT } from '../options/verbs.js';
import { findBackup } from '../preflight/backup.js';
import { examinePlan, PATIENCE } from '../preflight/examine-plan.js';
import { lineOf, type PreflightCheck } from '../preflight/lines/line.js';
import { backupLine } from '../preflight/refuse.js';
import { namingOf } from '../project/targets.js';
import { type PreparedStep, prepare } from '../run/prepare.js';
import { checkRequirements, provideExtensions } from '../run/requirements.js';
import { downgradeTo, type Planner, planFor, upgradePlanner } from './plan-for.js';
import { assertSchema } from './ready.js';

const IDENTITY = 'This is the expected database';

/** Warns of a version table that is missing or lies. */
type Warn = (opened: Opened) => Promise<void>;

/** See `preflight`. */
export async function checklist(options: PreflightOptions, warn: Warn): Promise<PreflightResult> {
  const typed = [options.target ?? 'head'].flat().join(' ');
  try {
    return await withDatabase(options, (opened) => look(opened, options, typed, warn));
  } catch (error) {
    if (!isRevgraphError(error, 'wrong_database')) throw error;
    const checks = error.details.wrong.map(({ what, expected, found }) =>
      lineOf(
        'target_identity',
        'no',
        IDENTITY,
        `${what}: expected ${expected.join(' or ')}, found ${found ?? 'nothing that could be read'}`,
        error.hint,
      ),
    );
    const direction = options.direction ?? 'upgrade';
    return { ok: false, target: typed, direction, from: [], to: [], steps: [], checks };
  }
}

async function look(
  opened: Opened,
  options: PreflightOptions,
  target: string,
  warn: Warn,
): Promise<PreflightResult> {
  const { project, session } = opened;
  const plan = await planFor(opened, await plannerOf(options), options);
  const steps = await prepare(plan, project.revisions, { toRun: false });
  if (options.schema !== undefined) await assertSchema(session, options.schema, steps);
  await provideExtensions(session, steps);
  const server = await describeServer(session, options.schema);
  const table = await pinSchema(session, opened.table, server);
  const unfinished = await unfinishedOf(
    { session, table, plan, options, project, ...ranBeside(opened) },
    steps,
  );
  const requirements: PreflightCheck[] = [];
  for (const step of steps)
    requirements.push(
      ...(await requirementLines(step, () => checkRequirements(session, server, [step], unfinished))),
    );
  const { checks } = await examinePlan({
    session,
    server,
    table,
    steps,
    limits: options.limits,
    patience: PATIENCE.checklist,
  });
  const identity =
    options.expect === undefined
      ? lineOf('target_identity', 'skipped', IDENTITY, 'the configuration has no `expect`')
      : lineOf('target_identity', 'ok', IDENTITY, session.label);
  const backup = options.backup === undefined ? null : await findBackup(options.backup);
  const claims = plan.direction === 'upgrade' && steps.length > 0 ? await claimLines(opened, warn) : [];
  const all = [identity, backupLine(options.backup, backup), ...claims, ...requirements, ...checks];
  return {
    ok: all.every(({ status }) => status !== 'no'),
    target,
    direction: plan.direction,
    from: plan.from,
    to: plan.to,
    steps: plan.steps.map(({ revision }) => revision),
    checks: all,
  };
}

/** The planner of a run; the same as that of the command which would run it. */
async function plannerOf(options: PreflightOptions): Promise<Planner> {
  const { target, direction, releases } = options;
  const naming = await namingOf(releases);
  if (direction !== 'downgrade') return upgradePlanner(naming, options);
  if (typeof target !== 'string')
    throw new RevgraphError('bad_target', { target, reason: 'a downgrade needs exactly one target' });
  return { direction, plan: (graph, rows) => downgradeTo(graph, rows, naming, target) };
}

/** A version table that is missing or lies: the plan is not the one that this database needs. */
async function claimLines(opened: Opened, warn: Warn): Promise<PreflightCheck[]> {
  const lines: PreflightCheck[] = [];
  await warn({
    ...opened,
    emit: (event) => {
      const title = 'The version table matches the schema';
      if (event.type === 'warning') lines.push(lineOf('version_table', 'warn', title, event.message));
    },
  });
  return lines;
}

/** `@requires` of one revision. What it creates by itself is looked at with the other extensions. */
async function requirementLines(
  { revision, step }: PreparedStep,
  check: () => Promise<void>,
): Promise<PreflightCheck[]> {
  if (step.direction === 'downgrade' || revision.header.requires.length === 0) return [];
  const title = `@requires of ${step.revision}`;
  const at = {
    revision: step.revision,
    file: revision.file,
    line: revision.header.requires[0]?.line ?? null,
  };
  try {
    await check();
    return [{ ...lineOf('requirement', 'ok', title, 'all met'), ...at }];
  } catch (error) {
    if (!isRevgraphError(error, 'requirement_unmet')) throw error;
    return error.details.unmet.map((found) => ({ ...lineOf('requirement', 'no', title, found), ...at }));
  }
}

export interface PreflightOptions
  extends Omit<RunOptions, 'preflight' | 'dryRun' | 'lock' | 'lockWaitMs'>,
    OptionsOf<Pick<typeof PREFLIGHT, 'target' | 'direction'>> {}

export interface PreflightResult {
  /** False if a check has the status `no`. */
  readonly ok: boolean;
  readonly target: string;
  readonly direction: 'upgrade' | 'downgrade';
  /** Rows before and after. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** Ids in order. */
  readonly steps: readonly string[];
  readonly checks: readonly PreflightCheck[];
}
