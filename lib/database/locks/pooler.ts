import { setTimeout as sleep } from 'node:timers/promises';
import { RevgraphError } from '../../errors/error.js';
import { withSession } from '../connection/connect.js';
import type { Server } from '../connection/server.js';
import type { ConnectOptions, DatabaseSource, Queryable, Session } from '../connection/session.js';
import { likeIt } from './second.js';

/** How long an answer may take before it is held to be waiting for a connection of the pool. */
const PATIENCE_MS = 2_000;
/** By chance a session gets the same connection again, in one round of four where many come at once. */
const ROUNDS = 12;

/**
 * Refuses a pooler that gives each transaction another connection: a session lock taken through it is held by whoever comes next,
 * and stays when the run is over.
 *
 * A server and whoever speaks for it tell different numbers of a backend: a pooler has its own, one that passes the bytes on does not.
 * What kind it is shows when another session holds a connection: in session mode this session keeps its own.
 *
 * @throws `pooler_detected`
 */
export async function refusePooler(
  session: Session,
  server: Pick<Server, 'backend'>,
  source: DatabaseSource,
  options: ConnectOptions,
): Promise<void> {
  const { processId } = session;
  if (processId === undefined || server.backend === null || processId === server.backend) return;
  const other = likeIt(source);
  const changes =
    other === null ||
    (await withSession(other, options, (second) =>
      changesBackend(session, second, server.backend as number),
    ));
  if (changes) throw new RevgraphError('pooler_detected', { url: session.label });
}

async function changesBackend(first: Queryable, second: Queryable, backend: number): Promise<boolean> {
  for (let round = 0; round < ROUNDS; round++) {
    const begun = second.query('BEGIN; SELECT pg_backend_pid() AS backend');
    // It may never be answered: then its connection is closed.
    begun.catch(() => {});
    const begins = await inTime(begun);
    const asked = first.query('SELECT pg_backend_pid() AS backend');
    const answered = await inTime(asked);
    // Where connections are lent for a transaction, whoever waits longest is served first.
    if (!begins && answered) return false;
    if (!begins) return true;
    await second.query('COMMIT');
    // The one that there is was given to the other session.
    const [row] = (await asked).rows;
    if (!answered || Number(row?.backend) !== backend) return true;
  }
  return false;
}

async function inTime(answer: Promise<unknown>): Promise<boolean> {
  const end = new AbortController();
  try {
    const late = sleep(PATIENCE_MS, false, { signal: end.signal }).catch(() => false);
    return await Promise.race([answer.then(() => true), late]);
  } finally {
    end.abort();
  }
}
