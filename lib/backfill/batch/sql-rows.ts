import { type BatchSource, batchRows, countMarkedIn, keyOf } from '../../database/batches/source.js';
import type { Queryable } from '../../database/connection/session.js';
import { runStatement } from '../../database/connection/session.js';
import type { KeptMark } from '../../database/tables/backfill-state.js';
import { RevgraphError } from '../../errors/error.js';
import { counted } from '../../errors/words.js';
import { readBatchStatement } from '../../revision/batch-statement.js';
import type { BatchSection } from '../../revision/batches.js';
import type { BackfillContext } from './context.js';
import type { BatchSettings } from './definition.js';
import { type BatchWork, Tally } from './effect.js';
import { lockRows, MEANWHILE, samplesOf } from './run-rows.js';

/** Work of a `@batch` section: its statement over the CTE `batch`. */
export async function sqlRows(
  context: BackfillContext,
  { section, kept }: BatchSettings,
  source: BatchSource,
): Promise<BatchWork> {
  const statement = await readBatchStatement(section as BatchSection);
  const sql = statement.over(batchRows(source));
  return {
    apply: async (client, found) => {
      // An INSERT leaves the rows that it reads alone; what changes them must find them as the condition wants.
      const changes = statement.node !== 'InsertStmt';
      const rows = changes ? await lockRows(client, source, found, source.key) : found;
      const keys = rows.map((row) => keyOf(row, source));
      const { rowCount } = await runStatement(client, sql, [JSON.stringify(keys)]);
      const changed = rowCount ?? 0;
      if (kept.mark !== null && changed > 0)
        await assertMarks(client, context, source, kept.mark, keys, changed);
      const skipped = new Tally();
      if (rows.length < found.length) skipped.add(MEANWHILE, found.length - rows.length);
      if (rows.length > changed) skipped.add('not changed by the statement', rows.length - changed);
      return {
        changed,
        skipped: skipped.counts,
        failed: [],
        created: new Map(),
        fills: [],
        samples: await samplesOf(client, context, source, found, null),
      };
    },
  };
}

/** An undo finds rows by the id of the revision: a statement that writes something else would never be taken back. */
async function assertMarks(
  client: Queryable,
  { revision }: BackfillContext,
  source: BatchSource,
  mark: KeptMark,
  keys: readonly (readonly string[])[],
  changed: number,
): Promise<void> {
  const marked = await countMarkedIn(client, source, mark, revision, keys);
  if (marked === changed) return;
  const where = mark.key === null ? mark.column : `${mark.column}.${mark.key}`;
  throw new RevgraphError('backfill_invalid', {
    message: `The statement changed ${counted(changed, 'row')} and marked ${marked} of them. It must write the id of the revision, '${revision}', to ${where} in every row.`,
    hint: 'Set the mark in the statement. An undo finds the rows only by this mark.',
  });
}
