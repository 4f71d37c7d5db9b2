import type { Blockers } from '../../database/catalog/blockers.js';
import { lineOf, number, type PreflightCheck } from './line.js';
import type { Seen } from './seen.js';
import { WORDING } from './wording.js';

/** Other sessions whose transactions and locks a run would have to wait for. */
export function otherLines({ others, privileges, longTransactionSeconds }: Seen): PreflightCheck[] {
  const long = `No transaction of others is open for ${longTransactionSeconds} s or more`;
  const free = 'No table of the plan is locked by others';
  if (others === null) return [lineOf('long_transaction', 'skipped', long, 'the server does not tell')];
  const waiting = others.map(lineFor);
  const named = new Set(waiting.map(({ name }) => name));
  const seen = privileges?.seesOthers === false ? 'of the sessions that this role can see' : 'there is none';
  return [
    ...waiting,
    ...(named.has('long_transaction') ? [] : [lineOf('long_transaction', 'ok', long, seen)]),
    ...(named.has('lock') ? [] : [lineOf('lock', 'ok', free, 'there is none')]),
  ];
}

function lineFor({ kind, pid, who, state, seconds, table, mode }: Blockers): PreflightCheck {
  const by = `pid ${pid ?? '?'} (${who || 'unknown'})`;
  const since = `${state} for ${number(seconds)} s`;
  const end = pid === null ? null : `Let it end, or end it: SELECT pg_terminate_backend(${pid});`;
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
  return lineOf('long_transaction', 'warn', 'A transaction is open for long', `${by}, ${since}`, end);
}
