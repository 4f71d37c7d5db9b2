import { attachFailure, ended, failureOf } from './ended.js';
import { readDriverError } from './failure.js';
import type { Queryable, Result, Session } from './session.js';
import { type Settings, setForTransaction, settingWhereThere } from './settings.js';

const BEGIN = 'BEGIN ISOLATION LEVEL READ COMMITTED';
const READ_ONLY = `${BEGIN} READ ONLY`;

/** COMMIT after an error that the caller swallowed quietly rolls back; nothing of it may be taken for done. */
export class SwallowedFailure extends Error {
  override readonly name = 'SwallowedFailure';

  constructor(cause?: unknown) {
    const what = cause instanceof Error ? `: ${cause.message}` : '';
    super(
      `a statement failed, the code ignored the error, and PostgreSQL rolled back the transaction${what}`,
      {
        cause,
      },
    );
  }
}

/** A transaction that failed, and what became of its rollback. */
export class FailedTransaction {
  constructor(
    readonly cause: unknown,
    /** What the rollback said when it failed too; null if it worked. */
    readonly rollbackFailure: unknown,
    /** True if COMMIT itself failed: with a broken connection nobody knows whether it happened. */
    readonly atCommit: boolean,
  ) {}

  /** The cause, to be thrown where there is no step whose error would tell of the rollback. */
  get error(): unknown {
    return attachFailure(this.cause, this.rollbackFailure);
  }
}

/**
 * Runs `action` in one READ COMMITTED transaction: with a stronger level a revision would not see what was committed
 * while it waited for a lock.
 * @returns what the action returned, or a FailedTransaction: the failure of the rollback is attached, never substituted
 */
export async function withTransaction<T>(
  client: Queryable,
  action: () => Promise<T>,
  begin = BEGIN,
): Promise<T | FailedTransaction> {
  await client.query(begin);
  let atCommit = false;
  try {
    const value = await action();
    atCommit = true;
    await commit(client);
    return value;
  } catch (error) {
    return new FailedTransaction(error, await rollback(client), atCommit);
  }
}

/**
 * Ends the transaction that is open, if nothing was written in it.
 * @returns false if something was: then it is still open
 */
export async function leaveTransaction(client: Queryable): Promise<boolean> {
  const { rows } = await client.query('SELECT pg_current_xact_id_if_assigned() IS NULL AS clean');
  if (rows[0]?.clean !== true) return false;
  await client.query('COMMIT');
  return true;
}

/** Ends the transaction that is open, in which nothing was written, and begins one that has not asked anything. */
export async function beginAnew(client: Queryable): Promise<void> {
  await client.query(`ROLLBACK; ${BEGIN}`);
}

/** Begins the transaction anew that `leaveTransaction` ended. */
export async function enterTransaction(client: Queryable): Promise<void> {
  await client.query(BEGIN);
}

/**
 * A transaction whose statements end when their client does, on connections of our own: what is asked beside the steps may take as long
 * as they do.
 */
export function endsWithClient(client: Queryable, begin: string): string {
  if ((client as Partial<Session>).kind !== 'server') return begin;
  return `${begin}; ${settingWhereThere('client_connection_check_interval', '1s')}`;
}

/** Runs `action` in a transaction that is always rolled back: for questions that may need a temporary function. */
export async function withRollback<T>(
  client: Queryable,
  action: () => Promise<T>,
  begin = BEGIN,
): Promise<T> {
  await client.query(endsWithClient(client, begin));
  return ended(action, () => client.query('ROLLBACK'));
}

/** Runs `action` in a transaction that can't write. */
export function withReadOnly<T>(client: Queryable, action: () => Promise<T>): Promise<T> {
  return withRollback(client, action, READ_ONLY);
}

/**
 * Runs `action` in a transaction that is always rolled back and sees the database as it was at its begin, however others
 * go on, beside what it does itself.
 * @param action given a function that undoes all since the begin of it, and goes on in the same transaction
 */
export function withTrial<T>(
  client: Queryable,
  action: (undo: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const undo = async (): Promise<void> => {
    await client.query('ROLLBACK TO SAVEPOINT revgraph_trial');
  };
  const trial = async (): Promise<T> => {
    await client.query('SAVEPOINT revgraph_trial');
    return action(undo);
  };
  return withRollback(client, trial, 'BEGIN ISOLATION LEVEL REPEATABLE READ');
}

/**
 * Runs `action` in a transaction that is rolled back, with settings of its own; read only, unless what it asks needs more
 * (a temporary function, a sequence): then it is asked again in one that is not. Nothing it changes remains either way.
 */
export async function withQuestion<T>(
  client: Queryable,
  settings: Settings,
  action: () => Promise<T>,
): Promise<T> {
  const attempt = (begin: string): Promise<T> =>
    withRollback(
      client,
      async () => {
        await setForTransaction(client, settings, null);
        return action();
      },
      begin,
    );
  try {
    return await attempt(READ_ONLY);
  } catch (error) {
    // Without its rollback there is no second transaction.
    if (readDriverError(error).sqlstate !== READ_ONLY_TRANSACTION || failureOf(error) !== null) throw error;
    return attempt(BEGIN);
  }
}

const READ_ONLY_TRANSACTION = '25006';

/** Rows of the last of several statements, or of the one there is. */
export function lastRows(answer: Result | readonly Result[]): Record<string, unknown>[] {
  return [answer].flat().at(-1)?.rows ?? [];
}

/** How long a question about the data may take. */
const QUESTION_TIMEOUT_MS = 10_000;

/**
 * Asks one question that changes nothing and has an end: read only, and with a limit of time.
 * @returns the rows of its last statement
 */
export async function ask(client: Queryable, sql: string): Promise<Record<string, unknown>[]> {
  return withReadOnly(client, async () => {
    await client.query(`SET LOCAL statement_timeout = ${QUESTION_TIMEOUT_MS}`);
    return lastRows(await client.query(sql));
  });
}

/** A script that leaves its transaction open has done nothing, and whoever comes next would be inside. */
export async function assertFinished(client: Queryable): Promise<void> {
  const inside = await client.query('SELECT now() <> statement_timestamp() AS inside').then(
    ({ rows }) => rows[0]?.inside === true,
    () => true,
  );
  if (!inside) return;
  throw attachFailure(new Error('it leaves a transaction open; COMMIT is missing'), await rollback(client));
}

/** @throws SwallowedFailure where PostgreSQL rolled back instead, because a statement failed and nobody looked */
export async function commit(client: Queryable): Promise<void> {
  const { command } = await client.query('COMMIT');
  if (command === 'ROLLBACK') throw new SwallowedFailure();
}

/** @returns what it failed with; null if it worked */
export async function rollback(client: Queryable): Promise<unknown> {
  try {
    await client.query('ROLLBACK');
    return null;
  } catch (error) {
    return error;
  }
}
