import { type BatchSource, keyOf, readBatch } from '../../database/batches/source.js';
import type { Chunk } from '../../database/tables/backfill-state.js';
import { RevgraphError } from '../../errors/error.js';
import type { BackfillContext } from './context.js';
import type { BatchSettings } from './definition.js';
import type { Read } from './effect.js';

/** A key that does not read back as it was written would be found again and again. @throws `backfill_invalid` */
export function assertAdvances({ cursor }: Chunk, last: readonly string[], { name }: BatchSettings): void {
  if (cursor === null || cursor.join('\0') !== last.join('\0')) return;
  throw new RevgraphError('backfill_invalid', {
    message: `The key ${last.join(', ')} of ${name} does not survive a round trip to the database, so the same row would be read again.`,
    hint: 'Use another key. For floating point, set extra_float_digits to 1 or more.',
  });
}

/** Which group a row is of. */
const groupText = (row: Read | undefined, source: BatchSource, group: number): string =>
  row === undefined ? '' : JSON.stringify(keyOf(row, source).slice(0, group));

/** True if rows can be taken apart: a group can't. */
export function splits(rows: readonly Read[], source: BatchSource, { group }: BatchSettings): boolean {
  if (group === 0) return rows.length > 1;
  const groupOf = (row: Read | undefined): string => groupText(row, source, group);
  return groupOf(rows[0]) !== groupOf(rows.at(-1));
}

/** The next rows; where groups stay together, whole groups only. */
export async function nextRows(
  { client }: BackfillContext,
  { settings, source }: { readonly settings: BatchSettings; readonly source: BatchSource },
  chunk: Chunk,
  size: number,
): Promise<Read[]> {
  if (chunk.upper === null) return [];
  const range = { after: chunk.cursor ?? chunk.lower, upTo: chunk.upper };
  const { columns, group } = settings;
  if (group === 0) return readBatch(client, source, range, { limit: size, columns });
  for (let limit = size + 1; ; limit *= 2) {
    const rows = await readBatch(client, source, range, { limit, columns });
    if (rows.length < limit) return rows;
    const groupOf = (row: Read | undefined): string => groupText(row, source, group);
    const last = groupOf(rows.at(-1));
    // From the end: only the last group is looked at.
    const whole = rows.findLastIndex((row) => groupOf(row) !== last) + 1;
    if (whole > 0) return rows.slice(0, whole);
  }
}
