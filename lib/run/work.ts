import type { BatchDefinition } from '../revision/batches.js';
import type { RevisionFunction } from '../revision/revision.js';
import { openAside } from './aside.js';
import { runCheck } from './checks.js';
import { openCodeDatabase } from './code-db.js';
import type { Tracker } from './place.js';
import type { PreparedStep, Work } from './prepare.js';
import type { Run } from './run.js';

/** Does what the revision does, statement by statement, then verifies it. */
export async function doWork(run: Run, prepared: PreparedStep, tracker: Tracker): Promise<void> {
  const { work } = prepared;
  if (work.kind === 'sql') for (const statement of work.statements) await tracker.run(run.session, statement);
  if (work.kind === 'code') await runCode(run, prepared, work.run, tracker);
  if (work.kind === 'batches' || work.kind === 'undo') await runBatches(run, prepared, work, tracker);
  tracker.clear();
  await verify(run, prepared);
}

/** Runs the `@verify` checks; those of a documentation revision are what it is for. */
export async function verify(run: Run, { verifies, revision }: PreparedStep): Promise<void> {
  for (const check of verifies)
    await runCheck(run.session, revision, check, revision.header.adopt ? 'adopt' : 'verify');
}

async function runBatches(
  run: Run,
  prepared: PreparedStep,
  work: Extract<Work, { kind: 'batches' | 'undo' }>,
  tracker: Tracker,
): Promise<void> {
  const aside = openAside(run, prepared, tracker);
  if (work.kind === 'undo') await aside.undo();
  else for (const section of work.sections) await aside.batches(section);
}

async function runCode(
  run: Run,
  prepared: PreparedStep,
  code: RevisionFunction,
  tracker: Tracker,
): Promise<void> {
  const { revision, step, mode } = prepared;
  const file = revision.file ?? revision.revision;
  const aside = openAside(run, prepared, tracker);
  const { db, finish } = openCodeDatabase(run.session, tracker, file, mode === 'transaction');
  try {
    await code({
      db,
      batches: (definition) => aside.batches(definition as BatchDefinition),
      undo: () => aside.undo(),
      log: (message) => run.emit({ type: 'log', revision: revision.revision, message: String(message) }),
      signal: run.options.signal ?? new AbortController().signal,
      revision: revision.revision,
      direction: step.direction,
      preview: run.preview === true,
    });
  } catch (error) {
    await Promise.allSettled([aside.finish(), finish()]);
    // The first error is the one to report.
    throw error;
  }
  await aside.finish();
  await finish();
}
