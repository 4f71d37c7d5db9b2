import type { Queryable, Result } from '../database/session.js';
import { RevgraphError } from '../errors.js';
import type { RevisionContext } from '../revision/revision.js';
import { splitStatements } from '../revision/statements.js';
import type { Tracker } from './place.js';

/** Only text with one of these words is worth parsing; what it really says, the parser decides. */
const MAY_CONTROL = /\b(begin|start|commit|end|rollback|abort|prepare)\b/i;

/** The `db` of a code revision, and the end of it. */
export interface CodeDatabase {
  readonly db: RevisionContext['db'];
  /**
   * Waits for queries that the code left running, and closes `db`: what came later would run in somebody else's step.
   * @throws the error of a query that nobody waited for
   */
  finish(): Promise<void>;
}

export function openCodeDatabase(
  client: Queryable,
  tracker: Tracker,
  file: string,
  transaction: boolean,
): CodeDatabase {
  const running = new Set<Promise<Result>>();
  let left: { error: unknown } | null = null;
  let closed = false;
  const start = async (sql: string, values: readonly unknown[] | undefined): Promise<Result> => {
    if (transaction && MAY_CONTROL.test(sql)) await refuseControl(sql, file);
    return tracker.runCode(client, file, sql, values);
  };
  const query: RevisionContext['db']['query'] = (sql, params) => {
    if (closed) return Promise.reject(usedLate(file));
    const answer = start(sql, params);
    running.add(answer);
    answer.then(
      () => running.delete(answer),
      (error: unknown) => {
        running.delete(answer);
        left ??= { error };
      },
    );
    const handed = answer.then(({ rows, rowCount }) => ({ rows, rowCount }));
    // Where nobody waits, `finish` tells of it; an unhandled rejection would end the whole process.
    handed.catch(() => {});
    return handed;
  };
  return {
    db: { query },
    finish: async () => {
      const waited = running.size > 0;
      await Promise.allSettled([...running]);
      closed = true;
      if (waited && left !== null) throw left.error;
    },
  };
}

function usedLate(file: string): RevgraphError {
  return new RevgraphError('usage', {
    message: `${file} used db after its function had ended.`,
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
    reason: `${control.reason} can't stand in a revision: revgraph opens and ends the transaction.`,
    hint: 'Take it out; a SAVEPOINT is allowed, and @transaction none runs a revision without a transaction.',
  });
}
