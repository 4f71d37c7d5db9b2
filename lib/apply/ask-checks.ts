import { isConnectionLost, readDriverError } from '../database/connection/failure.js';
import type { Server } from '../database/connection/server.js';
import type { Queryable } from '../database/connection/session.js';
import { withQuestion, withRollback } from '../database/connection/transaction.js';
import { type FailedCheck, RevgraphError } from '../errors/error.js';
import { defaultsOf } from '../options/option.js';
import { VERIFY } from '../options/verbs.js';
import type { Check, Revision } from '../revision/revision.js';
import { expectedOf, judge } from '../run/checks.js';

/** A check that stands; `revision` is null for one of the configuration. */
export interface AppliedCheck {
  readonly revision: Revision | null;
  readonly check: Check;
}

/** What a check came to. */
export interface CheckAnswer extends FailedCheck {
  readonly ok: boolean;
}

/** How checks are asked outside of their steps. */
export interface CheckSettings {
  readonly server: Pick<Server, 'versionNumber' | 'searchPath'>;
  /** Longest time of one statement, in ms. 0 = no limit. Default 60,000. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const { statementTimeoutMs: TIMEOUT_MS } = defaultsOf(VERIFY);

/**
 * Asks all checks, each in a transaction of its own that is rolled back. An error is an answer too; none stops the others.
 * @throws what says that the connection is lost; `aborted`
 */
export async function askChecks(
  client: Queryable,
  checks: readonly AppliedCheck[],
  { server, timeoutMs = TIMEOUT_MS, signal }: CheckSettings,
): Promise<CheckAnswer[]> {
  const settings: [string, string][] = [['statement_timeout', `${timeoutMs}ms`]];
  if (server.searchPath !== null) settings.push(['search_path', server.searchPath]);
  const answers: CheckAnswer[] = [];
  for (const standing of checks) {
    if (signal?.aborted === true)
      throw new RevgraphError('aborted', { during: 'while verifying', applied: [], remaining: [] });
    const ask = () => judge(client, standing.check);
    const question =
      server.versionNumber === null ? withRollback(client, ask) : withQuestion(client, settings, ask);
    answers.push(answerOf(standing, await question.catch(asAnswer)));
  }
  return answers;
}

function asAnswer(error: unknown): { ok: boolean; found: string; rows: [] } {
  if (isConnectionLost(error)) throw error;
  return { ok: false, found: `an error: ${readDriverError(error).message}`, rows: [] };
}

function answerOf(
  { revision, check }: AppliedCheck,
  { ok, found, rows }: Awaited<ReturnType<typeof judge>>,
): CheckAnswer {
  return {
    revision: revision?.revision ?? null,
    title: check.title,
    expected: expectedOf(check),
    found,
    ok,
    file: revision === null ? null : (revision.file ?? revision.revision),
    line: revision === null ? null : check.line,
    rows,
  };
}
