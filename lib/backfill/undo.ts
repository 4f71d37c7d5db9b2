import {
  countMarked,
  deleteMarked,
  type Piece,
  piecesOf,
  unmark,
  type Window,
} from '../database/batches/marks.js';
import { forget, queueAgain, setControl } from '../database/tables/backfill-orders.js';
import { type Chunk, leavesMarks, readChunks } from '../database/tables/backfill-state.js';
import { RevgraphError } from '../errors/error.js';
import type { UndoResult } from '../revision/batches.js';
import type { BackfillContext } from './batch/context.js';
import { BATCH_DEFAULTS } from './batch/definition.js';
import { assertGoesOn } from './gate.js';
import { inTransaction } from './records.js';

/**
 * Takes back what the backfills of a revision marked, the last one first, piece of the table by piece, and makes
 * sure that no mark is left. It may be interrupted and called again.
 *
 * @throws `backfill_without_mark` if rows were changed that carry none; `aborted`
 */
export async function undoBatches(context: BackfillContext): Promise<UndoResult> {
  const { client, records, revision } = context;
  const chunks = (await readChunks(client, records, revision)).filter(({ name }) => name !== '');
  const backfills = [...new Map(chunks.map((chunk) => [chunk.name, chunk])).values()].reverse();
  for (const one of backfills) assertMarked(one, chunks);
  if (chunks.length > 0) await setControl(client, records, revision, 'cancel');
  const deleted = new Map<string, number>();
  let restored = 0;
  let remaining = 0;
  for (const { name, definition } of backfills) {
    if (definition === null) continue;
    const mine = chunks.filter((chunk) => chunk.name === name);
    const when = windowOf(mine);
    for (const { table, ...mark } of [...definition.creates].reverse()) {
      const n = await pieceByPiece(context, table, (piece) =>
        deleteMarked(client, piece, mark, revision, when),
      );
      deleted.set(table, (deleted.get(table) ?? 0) + n);
      remaining += await countMarked(client, table, mark, revision, when);
    }
    const { table, mark } = definition;
    if (table === null || mark === null) continue;
    const fills = fillsOf(mine);
    restored += await pieceByPiece(context, table, (piece) =>
      unmark(client, piece, { mark, fills }, revision, when),
    );
    remaining += await countMarked(client, table, mark, revision, when);
  }
  if (remaining > 0) throw new RevgraphError('backfill_remains', { revision, remaining });
  if (chunks.length > 0) {
    await forget(client, records, { revision, named: true });
    await queueAgain(client, records, revision);
  }
  return { restored, deleted: Object.fromEntries(deleted), remaining };
}

/** From when to when a backfill was at work: a time that is a mark lies within. */
function windowOf(chunks: readonly Chunk[]): Window {
  const times = chunks.flatMap(({ startedAt, updatedAt }) => [startedAt.getTime(), updatedAt.getTime()]);
  return { from: new Date(Math.min(...times)), to: new Date(Math.max(...times)) };
}

/** Chunks that ran side by side may each have seen another column filled. */
const fillsOf = (chunks: readonly Chunk[]): string[] => [
  ...new Set(chunks.flatMap(({ definition }) => definition?.fills ?? [])),
];

function assertMarked({ name, revision, definition }: Chunk, chunks: readonly Chunk[]): void {
  const touched = chunks.some((chunk) => chunk.name === name && chunk.changed > 0);
  if (!touched || leavesMarks(definition)) return;
  throw new RevgraphError('backfill_without_mark', { revision, name });
}

/** Each piece in a transaction of its own. */
async function pieceByPiece(
  context: BackfillContext,
  table: string,
  action: (piece: Piece) => Promise<number>,
): Promise<number> {
  const { statementTimeoutMs } = BATCH_DEFAULTS;
  let total = 0;
  for (const piece of await piecesOf(context.client, table)) {
    assertGoesOn(context);
    total += await inTransaction(context, { statementTimeoutMs, lockTimeoutMs: undefined }, () =>
      action(piece),
    );
  }
  return total;
}
