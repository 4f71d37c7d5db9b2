import type { ApplyResult } from '../apply/apply.js';
import { undoRevision } from '../apply/downgrade.js';
import { upgradeDatabase } from '../apply/upgrade.js';
import type { MatrixCheck } from '../config/matrix.js';
import { withSession } from '../database/connection/connect.js';
import { readDriverError } from '../database/connection/failure.js';
import type { Queryable } from '../database/connection/session.js';
import { runStatement } from '../database/connection/session.js';
import { lastRows, withRollback } from '../database/connection/transaction.js';
import { isRevgraphError } from '../errors/error.js';
import { counted, factsDiffer } from '../errors/words.js';
import { difference, type Snapshot, subjectOf } from '../fingerprint/fact.js';
import type { MatrixOutcome, MatrixRun } from './path-state.js';
import type { MatrixAnswer, MatrixStage } from './result.js';

const SHOWN_FACTS = 8;

/** Whether the end of a path is as it should be: data, schema, a second run, down and up again. */
export async function judgeEnd(w: MatrixRun, outcome: MatrixOutcome): Promise<void> {
  const { path, stage } = w;
  path.checks = await stage('checks', () => askChecks(w, 'checks'));
  await stage('schema', () => compareSchema(w, outcome.result));
  await stage('second run', async () => {
    path.secondRun = (await runUp(w)).steps.map(({ revision }) => revision);
    if (path.secondRun.length > 0)
      w.fail('second run', `A second run ran these revisions again: ${path.secondRun.join(', ')}.`);
  });
  path.downAndUp = await stage('down and up', () => goDownAndUp(w, outcome));
}

function runUp({ context, options, path }: MatrixRun): Promise<ApplyResult> {
  return upgradeDatabase({ ...options, background: 'inline', target: context.targetOf(path.target) });
}

async function askChecks(w: MatrixRun, stage: MatrixStage): Promise<MatrixAnswer[]> {
  const { path, context, database } = w;
  const checks = (context.options.checks ?? []).filter(
    ({ starts, targets }) =>
      starts?.includes(path.start) !== false && targets?.includes(path.target) !== false,
  );
  const answers = await withSession(database, {}, async (session) => {
    const found: MatrixAnswer[] = [];
    for (const check of checks) found.push(await ask(session, check));
    return found;
  });
  for (const { title, expected, found, ok } of answers)
    if (!ok) w.fail(stage, `${JSON.stringify(title)}: expected ${expected}, found ${found}.`);
  return answers;
}

/** In a transaction that is rolled back: a question changes nothing. */
async function ask(client: Queryable, { title, sql, expect }: MatrixCheck): Promise<MatrixAnswer> {
  const expected = asText(expect);
  const found = await withRollback(client, async () => lastRows(await runStatement(client, sql))).then(
    (rows) => (rows.length === 0 ? 'no row' : asText(Object.values(rows[0] ?? {})[0])),
    (error: unknown) => `an error: ${readDriverError(error).message}`,
  );
  return { title, expected, found, ok: found === expected };
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

async function compareSchema({ context, path, start, database, fail }: MatrixRun, { to }: ApplyResult) {
  const { known, foreign } = await context.observe(database);
  const isFresh = start.scripts.length === 0 && start.revisions.length === 0;
  const wanted = isFresh ? context.recorded(to) : await context.reference(to);
  const accepted = new Set(path.drift);
  const rest = (facts: Snapshot): Snapshot =>
    new Set([...facts].filter((fact) => !accepted.has(subjectOf(fact))));
  const [should, is] = [rest(wanted), rest(known)];
  const { missing, unexpected } = difference(should, is);
  const equal = missing.length + unexpected.length === 0;
  path.schema = { equal, missing, unexpected, foreign };
  const against = isFresh ? 'what the catalogue records' : 'a fresh install';
  if (!equal) fail('schema', `The schema differs from ${against}: ${differenceText(should, is)}`);
}

/**
 * Takes away exactly what was run, and runs it again. In between everything must be as it was before; at the end as it was
 * after the first time.
 */
async function goDownAndUp(w: MatrixRun, { result, before }: MatrixOutcome) {
  const skipped = (why: string) => ({ skipped: why, revisions: 0 });
  if (before === null) return skipped('switched off');
  if (result.steps.length === 0) return skipped('nothing was run');
  const { context, database } = w;
  const after = (await context.observe(database)).known;
  let revisions = 0;
  let rows: readonly string[] = result.to;
  for (const target of rootsOf(w, result)) {
    try {
      const down = await undoRevision({ ...w.options, target });
      revisions += down.steps.length;
      rows = down.to;
    } catch (error) {
      if (isRevgraphError(error, 'irreversible')) return skipped(error.message);
      throw error;
    }
  }
  const where = 'down and up';
  if ([...rows].sort().join() !== [...result.from].sort().join())
    w.fail(
      where,
      `After the downgrade the database is at ${rows.join(', ') || 'base'} instead of ${result.from.join(', ')}.`,
    );
  expectEqual(
    w,
    'After the downgrade the schema differs from the one before the upgrade',
    before,
    await known(w),
  );
  const up = await runUp(w);
  if (up.steps.length !== result.steps.length)
    w.fail(
      where,
      `The second upgrade ran ${counted(up.steps.length, 'revision')} instead of ${result.steps.length}.`,
    );
  expectEqual(
    w,
    'After the second upgrade the schema differs from the one after the first',
    after,
    await known(w),
  );
  await askChecks(w, where);
  return { skipped: null, revisions };
}

const known = async ({ context, database }: MatrixRun): Promise<Snapshot> =>
  (await context.observe(database)).known;

/** Of what was run, the revisions that stand on nothing else of it: with each goes everything above it. */
function rootsOf({ context: { project } }: MatrixRun, { steps }: ApplyResult): string[] {
  const run = new Set(steps.map(({ revision }) => revision));
  return [...run].filter((revision) => !project.graph.ancestors(revision).some((id) => run.has(id)));
}

function expectEqual(w: MatrixRun, what: string, wanted: Snapshot, found: Snapshot): void {
  const text = differenceText(wanted, found);
  if (text !== null) w.fail('down and up', `${what}: ${text}`);
}

/** What two sets of facts differ by, with the first of them; null if they are equal. */
function differenceText(wanted: Snapshot, found: Snapshot): string | null {
  const { missing, unexpected } = difference(wanted, found);
  const facts = [...missing.map((fact) => `- ${fact}`), ...unexpected.map((fact) => `+ ${fact}`)];
  if (facts.length === 0) return null;
  const more = facts.length > SHOWN_FACTS ? [`… ${facts.length - SHOWN_FACTS} more`] : [];
  return [factsDiffer(facts.length), ...facts.slice(0, SHOWN_FACTS), ...more].join('\n  ');
}
