import { setImmediate as turn } from 'node:timers/promises';
import { openBulk } from '../../database/bulk/bulk.js';
import type { Queryable, Session } from '../../database/connection/session.js';
import { RevgraphError } from '../../errors/error.js';
import type { CodeDb, CodeResult } from '../../revision/batches.js';
import type { RevisionContext } from '../../revision/revision.js';
import { setsTransaction } from '../../revision/transaction.js';
import { splitStatements } from '../../sql/statements.js';
import { type Asked, ask, askedBy } from './asked.js';
import { Handed } from './heard.js';

/** Only text with one of these words is worth parsing; what it really says, the parser decides. */
const MAY_CONTROL = /\b(begin|start|commit|end|rollback|abort|prepare)\b/i;

/** The connection that code works on. */
type CodeClient = Queryable & Pick<Session, 'sendCopy'>;

/** Begins the transaction anew, with `action` before any question of ours. */
type StartAnew = <T>(action: () => Promise<T>) => Promise<T>;

/** Remembers what is being run, so that an error can say where it stands. */
interface CodeTracker {
  watchCode<T>(file: string, sql: string, action: () => Promise<T>): Promise<T>;
}

/** The `db` of a code revision, and the end of it. */
export interface CodeDatabase {
  readonly db: RevisionContext['db'];
  /**
   * Waits for what the code left running, and closes `db`: what came later would run in somebody else's step.
   * @throws the error of a query or bulk call that nobody looked at, whenever it failed
   */
  finish(): Promise<void>;
}

/**
 * @param options `batching`: true while batches() uses the connection · `startAnew`: begins the transaction anew; without it,
 *   `SET TRANSACTION` comes too late
 */
export function openCodeDatabase(
  client: CodeClient,
  tracker: CodeTracker,
  file: string,
  {
    transaction,
    batching = () => false,
    startAnew,
  }: { transaction: boolean; batching?: () => boolean; startAnew?: StartAnew | undefined },
): CodeDatabase {
  const running = new Set<Promise<unknown>>();
  const handed = new Handed();
  const unguard = handed.guard();
  let closed = false;
  let copying = false;
  let asked = false;
  const start = (asked: Asked, isFirst: boolean): Promise<CodeResult> => {
    const { sql } = asked;
    return tracker.watchCode(file, sql, async () => {
      if (transaction && MAY_CONTROL.test(sql)) await refuseControl(sql, file);
      const send = (): Promise<CodeResult> => ask(client, asked);
      return isFirst && startAnew !== undefined && setsTransaction(sql) ? startAnew(send) : send();
    });
  };
  /** Runs what the code asked for, and remembers it until it is done. */
  const follow = <T>(action: (isFirst: boolean) => Promise<T>): Promise<T> => {
    const refused = closed
      ? usedLate(file)
      : copying
        ? usedWhileCopying(file)
        : batching()
          ? usedWhileBatching(file)
          : null;
    if (refused !== null) return handed.hand(Promise.reject(refused));
    const isFirst = !asked;
    asked = true;
    const answer = action(isFirst);
    running.add(answer);
    const end = (): boolean => running.delete(answer);
    answer.then(end, end);
    return handed.hand(answer);
  };
  const bulk = openBulk(client);
  /** What goes wrong in it is told at the call, not at a statement that the code never wrote. */
  const many = <T>(name: string, table: string, action: () => Promise<T>): Promise<T> =>
    follow(() => tracker.watchCode(file, `db.${name}(${JSON.stringify(table)}, …)`, action));
  return {
    db: {
      query: <R>(...asked: Parameters<CodeDb['query']>) =>
        follow(async (isFirst) => (await start(askedBy(file, ...asked), isFirst)) as CodeResult<R>),
      insertMany: (...asked) => many('insertMany', asked[0], () => bulk.insertMany(...asked)),
      updateMany: (...asked) => many('updateMany', asked[0], () => bulk.updateMany(...asked)),
      upsertMany: (...asked) => many('upsertMany', asked[0], () => bulk.upsertMany(...asked)),
      copyInto: (...asked) =>
        many('copyInto', asked[0], async () => {
          copying = client.sendCopy !== undefined;
          try {
            return await bulk.copyInto(...asked);
          } finally {
            copying = false;
          }
        }),
    },
    finish: async () => {
      try {
        do {
          await Promise.allSettled([...running]);
          // What waited for a query may ask the next one now; and by then Node has told of what nobody looked at.
          await turn();
        } while (running.size > 0);
      } finally {
        closed = true;
        unguard();
      }
      if (handed.failure !== null) throw handed.failure.error;
    },
  };
}

function usedWhileBatching(file: string): RevgraphError {
  return new RevgraphError('backfill_invalid', {
    message: `${file} used its own db while its batches are running.`,
    hint: 'Await batches() first. Inside `run`, use the db that it receives.',
  });
}

/** Rows that come from a query on the connection that copies them would wait for each other for ever. */
function usedWhileCopying(file: string): RevgraphError {
  return new RevgraphError('usage', {
    message: `${file} used db while copyInto was using the same connection.`,
    hint: 'Await copyInto first. Read the data for its rows before it, or through another connection.',
  });
}

function usedLate(file: string): RevgraphError {
  return new RevgraphError('usage', {
    message: `${file} used db after its function had returned.`,
    hint: 'Await every query.',
  });
}

/** COMMIT or ROLLBACK in code would end the transaction of the step, which then couldn't stand or fall as one. */
async function refuseControl(sql: string, file: string): Promise<void> {
  // What does not parse, PostgreSQL will say better.
  const statements = await splitStatements(sql, { file, line: 1 }).catch(() => []);
  const control = statements.find((statement) => statement.transactional === 'control');
  if (control === undefined) return;
  throw new RevgraphError('transaction_contradiction', {
    file,
    line: 1,
    statement: control.sql,
    reason: `${control.reason} is not allowed in a revision, because revgraph starts and ends the transaction.`,
    hint: 'Remove it. A SAVEPOINT is allowed. To run a revision without a transaction, use @transaction none.',
  });
}
