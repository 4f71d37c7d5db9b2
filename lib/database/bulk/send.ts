import { setImmediate as turn } from 'node:timers/promises';
import type { Queryable, Result } from '../connection/session.js';
import type { RowChunk } from './rows.js';

/**
 * Sends chunk after chunk. While the server works on one, the next is made: that takes about as long.
 * `take` is given the answers in order.
 */
export async function send(
  client: Queryable,
  all: Iterable<RowChunk>,
  sql: string,
  take: (answer: Result, chunk: RowChunk) => unknown,
): Promise<void> {
  let sent: { answer: Promise<Result>; chunk: RowChunk } | null = null;
  for (const chunk of all) {
    if (sent !== null) await take(await sent.answer, sent.chunk);
    const answer = client.query(sql, [...chunk.values]);
    // Awaited in the next turn; until then it must not count as unhandled.
    answer.catch(() => {});
    sent = { answer, chunk };
    // Lets the driver write before the processor is kept busy with the next chunk.
    await turn();
  }
  if (sent !== null) await take(await sent.answer, sent.chunk);
}

/** push(...rows) would put all of them on the stack. */
export function append(to: Record<string, unknown>[], rows: readonly Record<string, unknown>[]): void {
  for (const row of rows) to.push(row);
}
