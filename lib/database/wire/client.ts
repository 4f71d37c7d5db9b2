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
    `SELECT pg_backend_pid() AS own, a.state, a.wait_event FROM (VALUES (1)) AS one(x) LEFT JOIN pg_stat_activity a
     ON a.pid = $1 AND a.datname = current_database() AND a.usename = current_user`,
    [pid],
  );
  const [row] = rows;
  if (Number(row?.own) !== processIdOf(other)) return true;
  // Null: it is not there any more. One that waits for its client in the midst of something has heard half of it.
  const idle = row?.state === null || /^idle/.test(String(row?.state)) || row?.wait_event === 'ClientRead';
  if (idle && last && row?.state !== null) await other.query('SELECT pg_terminate_backend($1::int)', [pid]);
  return !idle;
}

const NO_TLS = /does not support SSL/i;
/** pg_hba.conf has no line for a connection without, or with, encryption. */
const HBA = /no pg_hba\.conf entry|no encryption|SSL (?:off|on)/i;

/** Whether a server refused a connection because of its encryption, or may have. */
export const mayHaveTls = (error: unknown): boolean =>
  NO_TLS.test((error as Error).message) || HBA.test((error as Error).message);

/** Whether to try the other way. */
export function isOfTls(error: unknown, only: 'without TLS' | 'with TLS'): boolean {
  const { message } = error as Error;
  return only === 'without TLS' ? NO_TLS.test(message) || HBA.test(message) : HBA.test(message);
}

/** Whether a server is of the kind that `target_session_attrs` wants. */
export async function isWanted(
  client: Client,
  wants: 'any' | 'read-write' | 'read-only' | 'primary' | 'standby' | 'prefer-standby',
): Promise<boolean> {
  if (wants === 'any') return true;
  const { rows } = await client.query(
    "SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') = 'on' AS reading",
  );
  const { standby, reading } = rows[0] as { standby: boolean; reading: boolean };
  if (wants === 'primary') return !standby;
  if (wants === 'standby' || wants === 'prefer-standby') return standby;
  return wants === 'read-only' ? reading : !reading;
}
