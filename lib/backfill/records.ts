import { type Chunk, readChunks } from '../database/backfill-state.js';
import { type Quarantined, readQuarantine } from '../database/quarantine.js';
import { FailedTransaction, withTransaction } from '../database/transaction.js';
import type { Host } from './host.js';

/** The chunks of one backfill, as they are now. */
export async function chunksOf({ client, schema, revision }: Host, name: string): Promise<Chunk[]> {
  return (await readChunks(client, schema, revision)).filter((chunk) => chunk.name === name);
}

/** Rows of one backfill in quarantine that nobody accepted: all of them. */
export function openRows({ client, schema, revision }: Host, name: string): Promise<Quarantined[]> {
  return readQuarantine(client, schema, { revision, name, open: true }, null);
}

/** A short transaction beside those of batches. */
export async function inTransaction<T>(
  host: Host,
  timeouts: Parameters<Host['settle']>[0],
  action: () => Promise<T>,
): Promise<T> {
  const done = await withTransaction(host.client, async () => {
    await host.settle(timeouts);
    return action();
  });
  if (done instanceof FailedTransaction) throw done.cause;
  return done;
}
