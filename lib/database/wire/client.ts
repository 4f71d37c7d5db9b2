import type { Socket } from 'node:net';
import type { Client } from 'pg';

/** How long a server may take to see a client off. */
const FAREWELL_MS = 3_000;

/** The text of a notice. */
export const messageOf = (notice: unknown): string =>
  String((notice as { message?: unknown })?.message ?? notice);

/** The number of the backend, as whoever answered has told it. */
export function processIdOf(client: object): number | undefined {
  const { processID } = client as { processID?: unknown };
  return typeof processID === 'number' ? processID : undefined;
}

/** Ends a connection; one whose other end says nothing is cut. */
export async function farewell(client: Client): Promise<void> {
  const late = setTimeout(() => cut(client), FAREWELL_MS);
  try {
    await client.end();
  } catch {
    // It is gone.
  } finally {
    clearTimeout(late);
  }
}

export function cut(client: Client): void {
  (client as unknown as { connection: { stream: Socket } }).connection.stream.destroy();
}

/**
 * Whether the server works for a client, as another one sees it. Behind a pooler that can't be told, and is taken for a yes.
 * @param last if not, its session is ended, with the locks that it has
 */
export async function isWorking(other: Client, client: Client, last: boolean): Promise<boolean> {
  const pid = processIdOf(client);
  const { rows } = await other.query(
    `SELECT pg_backend_pid() AS own, a.state FROM (VALUES (1)) AS one(x) LEFT JOIN pg_stat_activity a
     ON a.pid = $1 AND a.datname = current_database() AND a.usename = current_user`,
    [pid],
  );
  const [row] = rows;
  if (Number(row?.own) !== processIdOf(other)) return true;
  // Null: it is not there any more.
  const idle = row?.state === null || /^idle/.test(String(row?.state));
  if (idle && last && row?.state !== null) await other.query('SELECT pg_terminate_backend($1::int)', [pid]);
  return !idle;
}
