import { RevgraphError } from '../errors/error.js';
import { placeOf, type Statement, scanned, splitStatements } from '../sql/statements.js';
import type { BatchSection } from './batches.js';

/** The statement of a `@batch` section: its text once the rows of the batch, a CTE named `batch`, are put in front. */
export interface BatchStatement extends Statement {
  /** @param rows the CTE, as `batch(…) AS (…)` */
  readonly over: (rows: string) => string;
}

const CHANGES = ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'];

/**
 * Reads the one statement of a `@batch` section.
 * @throws RevgraphError `statement_refused` if it is not one INSERT, UPDATE, DELETE or MERGE; what parsing throws
 */
export async function readBatchStatement(section: BatchSection): Promise<BatchStatement> {
  const { file, line } = section;
  const statements = await splitStatements(section.sql, { file, line });
  const [statement] = statements;
  if (statement === undefined || statements.length > 1 || !CHANGES.includes(statement.node))
    throw new RevgraphError('statement_refused', {
      ...placeOf(statements[1] ?? statement ?? { file, line, sql: section.sql }),
      reason: 'A @batch section must be one INSERT, UPDATE, DELETE or MERGE over the rows of `batch`.',
    });
  const { sql } = statement;
  const words = (await scanned(sql, statement)).filter(({ comment }) => comment === null);
  const word = (n: number): string => {
    const token = words[n];
    return token === undefined ? '' : sql.slice(token.start, token.end).toUpperCase();
  };
  if (word(0) !== 'WITH') return withRows(statement, (rows) => `WITH ${rows} ${sql}`);
  const recursive = word(1) === 'RECURSIVE';
  const rest = sql.slice(words[recursive ? 1 : 0]?.end ?? 0);
  return withRows(statement, (rows) => `WITH ${recursive ? 'RECURSIVE ' : ''}${rows}, ${rest.trim()}`);
}

/** The statement, with one thing more: what it knows may be in its prototype. */
function withRows(statement: Statement, over: BatchStatement['over']): BatchStatement {
  return Object.assign(Object.create(statement) as Statement, { over });
}
