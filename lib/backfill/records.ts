import { FailedTransaction, withTransaction } from '../database/connection/transaction.js';
import { type Chunk, readChunks } from '../database/tables/backfill-state.js';
import { type Quarantined, readQuarantine } from '../database/tables/quarantine.js';
import type { BackfillContext } from './batch/context.js';

/** The chunks of one backfill, as they are now. */
export async function chunksOf(
  { client, records, revision }: BackfillContext,
  name: string,
): Promise<Chunk[]> {
  return (await readChunks(client, records, revision)).filter((chunk) => chunk.name === name);
}

/** Rows of one backfill in quarantine that nobody accepted: all of them. */
export function openRows(
  { client, records, revision }: BackfillContext,
  name: string,
): Promise<Quarantined[]> {
  return readQuarantine(client, records, { revision, name, open: true }, null);
}

/** A short transaction beside those of batches. */
export async function inTransaction<T>(
  context: BackfillContext,
  timeouts: Parameters<BackfillContext['settle']>[0],
  action: () => Promise<T>,
): Promise<T> {
  const done = await withTransaction(context.client, async () => {
    await context.settle(timeouts);
    return action();
  });
  if (done instanceof FailedTransaction) throw done.error;
  return done;
}
