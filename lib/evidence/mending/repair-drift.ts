import { assertMayWrite } from '../../access/may-write.js';
import { type Locked, type Opened, withDatabase, withLock } from '../../access/open.js';
import { countedIn } from '../../access/record/recorded.js';
import { writeStamp } from '../../apply/write-stamp.js';
import type { RunOptions } from '../../config/options.js';
import { readFactRowsInside } from '../../database/catalog/introspect.js';
import { FailedTransaction, withTransaction } from '../../database/connection/transaction.js';
import type { Mend } from '../../database/mend/mend.js';
import { type FailedMend, runMends } from '../../database/mend/run.js';
import { RevgraphError } from '../../errors/error.js';
import { counted } from '../../errors/words.js';
import { comparable } from '../../fingerprint/comparable.js';
import { toSnapshot } from '../../fingerprint/fact.js';
import type { OptionsOf } from '../../options/option.js';
import type { REPAIR_DRIFT } from '../../options/verbs.js';
import { planStamp } from '../../plan/stamp.js';
import { mendsOf } from '../drift/mends.js';
import { type Examination, examine, examinedDrift } from '../examine.js';

export interface RepairDriftOptions extends RunOptions, OptionsOf<typeof REPAIR_DRIFT> {}

/** What was mended, or would be. */
export interface DriftRepair {
  readonly dryRun: boolean;
  /** By object, in the order in which they are run; those without statements are left as they are. */
  readonly mends: readonly Mend[];
  /** Objects whose statements failed, and that are as they were. */
  readonly failed: readonly FailedMend[];
}

/** See `repairDrift`. */
export async function mendDatabase(options: RepairDriftOptions): Promise<DriftRepair> {
  if (options.dryRun === true)
    return withDatabase(options, async (opened) => {
      const { mends } = await planOf(opened);
      if (mends.some(({ sql }) => sql.length > 0)) await assertMayWrite(opened, options);
      return { dryRun: true, mends, failed: [] };
    });
  return withLock(options, async (locked) => {
    const { mends, examined } = await planOf(locked);
    const statements = mends.flatMap(({ sql }) => sql);
    if (statements.length === 0) return { dryRun: false, mends, failed: [] };
    await assertMayWrite(locked, options);
    if (options.confirmed !== true)
      throw new RevgraphError('confirmation_needed', {
        what: `${counted(statements.length, 'statement')} would be run: ${statements.join('; ')}`,
        consequence: 'objects become what their revisions made of them, whoever changed them.',
      });
    return { dryRun: false, mends, failed: await run(locked, mends, examined, options) };
  });
}

async function planOf(opened: Opened): Promise<{ mends: readonly Mend[]; examined: Examination }> {
  const examined = await examine(opened);
  return { mends: mendsOf(examined.catalogue, examinedDrift(examined), examined.observed), examined };
}

/**
 * All of them in one transaction, which stays only if each object is then as the catalogue has it, or as it was.
 * @returns those that are as they were, for their statements failed
 */
async function run(
  locked: Locked,
  mends: readonly Mend[],
  examined: Examination,
  options: RepairDriftOptions,
): Promise<readonly FailedMend[]> {
  const { session, table, rows, project } = locked;
  const outcome = await withTransaction(session, async () => {
    const failed = await runMends(session, mends);
    const isFailed = new Set(failed.map(({ object }) => object));
    const meant = mends.flatMap(({ object, sql }) =>
      sql.length > 0 && !isFailed.has(object) ? [object] : [],
    );
    const differs = examinedDrift(examined).filter(({ object }) => meant.includes(object));
    const after = comparable(examined.catalogue, toSnapshot(await readFactRowsInside(session, table.name)));
    const missing = differs.flatMap((one) => one.missing.filter((fact) => !after.has(fact)));
    const unexpected = differs.flatMap((one) => one.unexpected.filter((fact) => after.has(fact)));
    if (missing.length + unexpected.length > 0)
      throw new RevgraphError('repair_unforeseen', {
        revision: meant.join(', '),
        missing,
        unexpected,
        rewrites: [],
      });
    return { failed, meant };
  });
  if (outcome instanceof FailedTransaction) throw outcome.error;
  const { failed, meant } = outcome;
  if (rows.length === 0) return failed;
  const known = rows.filter((row) => project.graph.has(row));
  const why = `drift repaired: ${meant.join(', ')}${options.reason === undefined ? '' : ` (${options.reason})`}`;
  // What counts stays as it is.
  const covers = countedIn(project.graph, locked.record, rows);
  await writeStamp(
    locked,
    { ...planStamp(project.graph, known, known), from: rows, to: rows },
    options,
    why,
    { covers, goesOn: true },
  );
  return failed;
}
