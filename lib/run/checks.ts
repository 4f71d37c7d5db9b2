import { isConnectionLost, readDriverError } from '../database/connection/failure.js';
import type { Queryable, Result } from '../database/connection/session.js';
import { runStatement } from '../database/connection/session.js';
import { withRollback } from '../database/connection/transaction.js';
import { isRevgraphError, RevgraphError } from '../errors/error.js';
import { counted } from '../errors/words.js';
import type { Check, Revision } from '../revision/revision.js';
import type { PreparedStep } from './prepare.js';

const SHOWN_ROWS = 5;

/** Objects that an earlier step of the plan may still create: undefined table, column, function, type, schema, operator. */
const NOT_THERE_YET = /^(42P01|42703|42883|42704|3F000|42P02)$/;

/**
 * Runs the prechecks of the whole plan before step one. A check that asks for something that isn't there yet waits for
 * its own step, if an earlier step may make it.
 */
export async function precheckPlan(client: Queryable, steps: readonly PreparedStep[]): Promise<void> {
  for (const [index, prepared] of steps.entries()) {
    const earlier = steps[index - 1]?.step.revision ?? null;
    await precheck(client, prepared, { earlier, mayWait: index > 0 });
  }
}

/** Runs the prechecks of one step, in a transaction that is rolled back: they may need a temporary function. */
export async function precheck(
  client: Queryable,
  { prechecks, revision }: PreparedStep,
  { earlier, mayWait }: { earlier: string | null; mayWait: boolean },
): Promise<void> {
  for (const check of prechecks) {
    try {
      await withRollback(client, () => runCheck(client, revision, check, 'precheck', earlier));
    } catch (error) {
      if (isRevgraphError(error) || isConnectionLost(error)) throw error;
      const { sqlstate, message } = readDriverError(error);
      if (mayWait && NOT_THERE_YET.test(sqlstate ?? '')) continue;
      throw failure(revision, check, 'precheck', { found: `an error: ${message}`, earlier }, error);
    }
  }
}

/** What a check found. */
export interface CheckFinding {
  readonly ok: boolean;
  /** As text: the value, or how many rows there are where none were expected. */
  readonly found: string;
  /** Where none were expected: up to five. */
  readonly rows: readonly Record<string, unknown>[];
}

/** Asks a check in the transaction that is open. */
export async function judge(client: Queryable, check: Check): Promise<CheckFinding> {
  let answer: Result = { rows: [], rowCount: 0 };
  for (const statement of await check.statements()) answer = await runStatement(client, statement.sql);
  const { rows } = answer;
  if (check.expect === 'none') {
    const found =
      rows.length === 0 ? 'no rows' : rows.length === 1 ? 'this row' : counted(rows.length, 'row');
    return { ok: rows.length === 0, found, rows: rows.slice(0, SHOWN_ROWS) };
  }
  const found = rows.length === 0 ? 'no row' : asText(Object.values(rows[0] ?? {})[0]);
  return { ok: found === check.expect, found, rows: [] };
}

/** What a check expects, for people. */
export const expectedOf = ({ expect }: Check): string => (expect === 'none' ? 'no rows' : expect);

/** Runs a check in the transaction that is open. @throws `check_failed` with the rows that were found */
export async function runCheck(
  client: Queryable,
  revision: Revision,
  check: Check,
  section: 'precheck' | 'verify' | 'adopt',
  earlier: string | null = null,
): Promise<void> {
  const { ok, found, rows } = await judge(client, check);
  if (!ok) throw failure(revision, check, section, { found, rows, earlier });
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function failure(
  revision: Revision,
  check: Check,
  section: 'precheck' | 'verify' | 'adopt',
  what: { found: string; rows?: readonly Record<string, unknown>[]; earlier: string | null },
  cause?: unknown,
): RevgraphError {
  return new RevgraphError(
    'check_failed',
    {
      revision: revision.revision,
      section,
      title: check.title,
      expected: expectedOf(check),
      found: what.found,
      rows: what.rows ?? [],
      file: revision.file ?? revision.revision,
      line: check.line,
      earlier: what.earlier,
    },
    cause === undefined ? undefined : { cause },
  );
}
