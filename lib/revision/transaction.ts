import { RevgraphError } from '../errors/error.js';
import { placeOf, type Statement } from '../sql/statements.js';
import type { Header } from './header/assemble.js';

/**
 * Whether a section runs in a transaction: `transaction`, or `none` where the header says so or where all that
 * it holds (session settings aside) can't run in one.
 *
 * @throws RevgraphError `transaction_contradiction`: BEGIN, COMMIT and the like anywhere; a savepoint without a
 *   transaction; a statement that needs to be outside among others that would then not be taken back together
 */
export function transactionMode(
  statements: readonly Statement[],
  declared: Header['transaction'],
): 'transaction' | 'none' {
  for (const one of statements) if (one.transactional === 'control') throw controlled(one);
  const outside = statements.find((one) => one.transactional === 'outside');
  const mode = declared === 'none' || outside !== undefined ? 'none' : 'transaction';
  const savepoint = statements.find((one) => one.savepoint);
  if (mode === 'none' && savepoint !== undefined) throw lost(savepoint);
  const inside = statements.some((one) => one.transactional === 'inside' && !one.setting);
  if (declared === 'auto' && outside !== undefined && inside) throw mixed(outside);
  return mode;
}

function controlled(one: Statement): RevgraphError {
  const discard = one.node === 'DiscardStmt';
  return contradiction(
    one,
    discard
      ? "DISCARD ALL would release the lock of this run, so it can't stand in a revision."
      : `${one.reason} can't stand in a revision: revgraph opens and ends the transaction.`,
    discard
      ? 'Use RESET or DISCARD TEMP.'
      : 'Take it out; @transaction none runs a revision without a transaction.',
  );
}

function lost(one: Statement): RevgraphError {
  return contradiction(
    one,
    'A savepoint needs a transaction, and this revision runs outside one.',
    'Take the savepoint out, or move it to a revision of its own.',
  );
}

function mixed(one: Statement): RevgraphError {
  return contradiction(
    one,
    `${one.reason} can't run inside a transaction, but the revision has other statements too.`,
    'Move it to a revision of its own, or say @transaction none if a failure half way is acceptable.',
  );
}

function contradiction(one: Statement, reason: string, hint: string): RevgraphError {
  return new RevgraphError('transaction_contradiction', { ...placeOf(one), reason, hint });
}
