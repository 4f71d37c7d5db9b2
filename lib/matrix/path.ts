import { upgradeDatabase } from '../apply/upgrade.js';
import { changedContents, readContents } from '../database/catalog/contents.js';
import { readFactRows } from '../database/catalog/introspect.js';
import { withSession } from '../database/connection/connect.js';
import { isRevgraphError, RevgraphError } from '../errors/error.js';
import { EXIT } from '../errors/exit-values.js';
import { diagnoseDatabase } from '../evidence/doctor.js';
import { type IdentifyResult, identifyDatabase } from '../evidence/identify.js';
import { proving } from '../evidence/mending/prove.js';
import { repairDatabase } from '../evidence/repair.js';
import { stampDatabase } from '../evidence/stamp.js';
import { toSnapshot } from '../fingerprint/fact.js';
import type { MatrixContext } from './context.js';
import { judgeEnd } from './end.js';
import type { Draft, MatrixOutcome, MatrixRun } from './path-state.js';
import type { MatrixPath, MatrixStage } from './result.js';
import type { MatrixCase } from './starts.js';

/** Walks one path in a database of its own, which is dropped. @throws `aborted`; everything else is in the answer */
export async function walkPath(
  context: MatrixContext,
  { start: name, target }: MatrixCase,
): Promise<MatrixPath> {
  const start = context.startOf(name);
  const path: Draft = {
    ...{ start: name, target, ok: false, state: null, match: null, release: null, stamp: null, run: null },
    ...{ drift: [], checks: null, schema: null, secondRun: null, downAndUp: null, refused: null },
    ...{ failures: [], times: {}, ms: 0 },
  };
  const begun = performance.now();
  let at: MatrixStage = 'restore';
  const stage: MatrixRun['stage'] = async (now, action) => {
    assertNotAborted(context, name);
    at = now;
    const from = performance.now();
    try {
      return await action();
    } finally {
      path.times[now] = (path.times[now] ?? 0) + Math.round(performance.now() - from);
    }
  };
  const fail: MatrixRun['fail'] = (where, message) => {
    path.failures.push({ stage: where, code: null, message, hint: null });
  };
  try {
    const restored = await stage('restore', () => context.restore(start));
    const { database } = restored;
    const { versionTable, schema, signal, releases } = context.options;
    const options = { revisions: context.project, database, versionTable, schema, signal, releases };
    try {
      await walk({ context, start, database, options, path, stage, fail });
    } finally {
      await restored.drop().catch(() => {
        // Tried again when everything else is dropped.
      });
    }
  } catch (error) {
    // What failed because everything was dropped under it has not failed by itself.
    assertNotAborted(context, name);
    if (isRevgraphError(error, 'aborted')) throw error;
    path.failures.push({ stage: at, ...wordsOf(error) });
  }
  return { ...path, ok: path.failures.length === 0, ms: Math.round(performance.now() - begun) };
}

function assertNotAborted({ options: { signal } }: MatrixContext, start: string): void {
  if (signal?.aborted === true)
    throw new RevgraphError('aborted', { during: `at the start ${start}`, applied: [], remaining: [] });
}

function wordsOf(error: unknown): { code: string; message: string; hint: string | null } {
  const { code, message, hint } = isRevgraphError(error) ? error : unforeseen(error);
  return { code, message, hint };
}

function unforeseen(error: unknown): RevgraphError {
  return new RevgraphError('internal', { reason: (error as Error)?.message ?? String(error) });
}

async function walk(w: MatrixRun): Promise<void> {
  const { refused } = w.start.expect;
  let before = refused === undefined ? null : await w.stage('identify', () => everythingIn(w));
  let passed: MatrixOutcome;
  try {
    passed = await pass(w, async () => {
      // A stamp that is expected may stand when the rest is refused, and nothing else.
      if (before !== null && w.start.expect.stamp !== undefined) before = await everythingIn(w);
    });
  } catch (error) {
    if (before === null || !isExpected(error, refused)) throw error;
    const { code, message, hint } = wordsOf(error);
    const changed = changedContents(before, await everythingIn(w));
    if (changed.length === 0) w.path.refused = { code, message, hint };
    else
      w.fail('upgrade', `The path was refused (${code}), but the database changed: ${changed.join(', ')}.`);
    return;
  }
  if (refused !== undefined) w.fail('upgrade', 'The path should have been refused, but it succeeded.');
  else await judgeEnd(w, passed);
}

function isExpected(error: unknown, refused: true | string | undefined): boolean {
  if (isRevgraphError(error, 'aborted')) return false;
  if (refused !== true) return wordsOf(error).code === refused;
  return isRevgraphError(error) && error.exitValue === EXIT.decisionNeeded;
}

/** All facts and rows, our own tables included. */
function everythingIn({
  database,
  options: { versionTable },
}: MatrixRun): Promise<ReadonlyMap<string, string>> {
  return withSession(database, {}, async (session) => {
    const facts = toSnapshot(await readFactRows(session, versionTable));
    return new Map([...(await readContents(session)), ...[...facts].map((fact) => [fact, 'there'] as const)]);
  });
}

/** Identify, stamp, upgrade. */
async function pass(w: MatrixRun, stamped: () => Promise<void>): Promise<MatrixOutcome> {
  const { path, start, options, context } = w;
  const { expect } = start;
  const found = await w.stage('identify', () => identifyDatabase(options));
  path.state = found.state;
  path.match = found.match;
  path.release = found.release;
  path.drift = found.match === 'drifted' ? found.drift.map(({ object }) => object) : [];
  expected(w, 'identify', 'state', expect.state, found.state);
  let repaired: readonly string[] = [];
  await w.stage('stamp', async () => {
    if (start.repair) repaired = (await repairDatabase(options)).steps.map(({ revision }) => revision);
    else if (start.stamp === undefined && found.state === 'contradicted') throw await contradicted(w);
    path.stamp = await stampStart(w, found);
    if (path.stamp !== null) await stamped();
  });
  if (expect.drift !== undefined) expected(w, 'identify', 'drift', sorted(expect.drift), sorted(path.drift));
  if (expect.stamp !== undefined)
    expected(w, 'stamp', 'stamp', sorted([expect.stamp].flat()), sorted(path.stamp ?? []));
  return w.stage('upgrade', async () => {
    const before = start.downgrade ? (await context.observe(w.database)).known : null;
    const target = context.targetOf(path.target);
    const prove = proving('fail', () => {});
    const result = await upgradeDatabase({ ...options, background: 'inline', target }, undefined, prove);
    path.run = [...repaired, ...result.steps.map(({ revision }) => revision)];
    const { run } = expect;
    expected(w, 'upgrade', 'run', typeof run === 'object' ? run[path.target] : run, path.run.length);
    return { result, before };
  });
}

function expected<T>(w: MatrixRun, stage: MatrixStage, what: string, wanted: T | undefined, found: T): void {
  if (wanted !== undefined && wanted !== found)
    w.fail(stage, `${what}: expected ${String(wanted) || 'nothing'}, found ${String(found) || 'nothing'}.`);
}

const sorted = (ids: readonly string[]): string => [...ids].sort().join(', ');

/** An upgrade would leave out for good what the version table claims and the schema denies. */
async function contradicted({ options }: MatrixRun): Promise<RevgraphError> {
  const { claimed, missing, findings } = await diagnoseDatabase(options);
  const unsettled = findings.flatMap(({ code, revision }) => (code === 'unsettled' ? [revision ?? ''] : []));
  return new RevgraphError('contradicted', { rows: claimed, missing, unsettled });
}

/** Only a database with tables and no version table needs a stamp; evidence decides, unless the start says otherwise. */
async function stampStart(
  { start, options }: MatrixRun,
  found: IdentifyResult,
): Promise<readonly string[] | null> {
  if (start.stamp !== undefined) {
    const { revision, reason } = start.stamp;
    return (await stampDatabase({ ...options, target: [revision], reason, confirmed: true })).to;
  }
  if (found.state !== 'legacy' && found.state !== 'unidentified') return null;
  return (await stampDatabase({ ...options, auto: true, acceptDrift: start.expect.drift !== undefined })).to;
}
