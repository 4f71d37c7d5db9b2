import type { Blockers } from '../../database/catalog/blockers.js';
import { lineOf, number, type PreflightCheck } from './line.js';
import type { Seen } from './seen.js';
import { WORDING } from './wording.js';

/** Other sessions whose transactions and locks a run would have to wait for. */
export function otherLines({ others, privileges, longTransactionSeconds }: Seen): PreflightCheck[] {
  const long = `No other session has a transaction open for ${longTransactionSeconds} s or more`;
  const free = 'No other session locks a table of the plan';
  if (others === null)
    return [lineOf('long_transaction', 'skipped', long, 'this server does not show other sessions')];
  const waiting = others.map(lineFor);
  const named = new Set(waiting.map(({ name }) => name));
  const seen = privileges?.seesOthers === false ? 'among the sessions that this role can see' : 'none found';
  return [
    ...waiting,
    ...(named.has('long_transaction') ? [] : [lineOf('long_transaction', 'ok', long, seen)]),
    ...(named.has('lock') ? [] : [lineOf('lock', 'ok', free, 'none found')]),
  ];
}

function lineFor({ kind, pid, who, state, seconds, table, mode }: Blockers): PreflightCheck {
  const by = `pid ${pid ?? '?'} (${who || 'unknown'})`;
  const since = `${state} for ${number(seconds)} s`;
  const end = pid === null ? null : `Wait until it ends, or end it: SELECT pg_terminate_backend(${pid});`;
  if (kind === 'lock')
    return lineOf('lock', 'warn', `Table ${table} is locked`, `${by}, ${since}, holds ${mode}`, end);
  if (kind === 'prepared')
    return lineOf(
      'prepared_transaction',
      'warn',
      'A prepared transaction is open',
      `${who}, for ${number(seconds)} s`,
      WORDING.endPrepared,
    );
  return lineOf(
    'long_transaction',
    'warn',
    'A transaction has been open for a long time',
    `${by}, ${since}`,
    end,
  );
}
