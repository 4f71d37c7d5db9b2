import { type ErrorCode, type ErrorDetails, isRevgraphError, RevgraphError } from '../../errors/error.js';

/** What a driver's error says, as far as it says it. */
export interface DriverError {
  readonly message: string;
  readonly sqlstate: string | null;
  /** Where in the statement, from 1, in characters. */
  readonly position: number | null;
  readonly detail: string | null;
}

/** No class of them begins with E, as the codes of Node do: EPIPE, EPERM. */
const SQLSTATE = /^(?!E)[0-9A-Z]{5}$/;

/** Takes a thrown value apart; works for `pg`, PGlite and pg-mem. */
export function readDriverError(error: unknown): DriverError {
  const e = error as {
    message?: unknown;
    code?: unknown;
    position?: unknown;
    detail?: unknown;
    errors?: unknown[];
  };
  const first = Array.isArray(e?.errors)
    ? (e.errors[0] as { message?: string; code?: string } | undefined)
    : undefined;
  const code = e?.code ?? first?.code;
  const message = textOf(e?.message || first?.message || error);
  return {
    // pg-mem adds pages of explanation below the first line.
    message: message.split('\n')[0]?.trim() || 'unknown error',
    sqlstate: typeof code === 'string' && SQLSTATE.test(code) ? code : null,
    position: typeof e?.position === 'string' || typeof e?.position === 'number' ? Number(e.position) : null,
    detail: typeof e?.detail === 'string' ? e.detail : null,
  };
}

/** Code may throw anything, even what has no text. */
function textOf(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return 'a value without a text was thrown';
  }
}

const UNREACHABLE = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOENT|EACCES)$/;
/** Of an open connection. */
const NETWORK =
  /^(ECONNRESET|EPIPE|ECONNREFUSED|ECONNABORTED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;
const LOST = /^(ECONNRESET|EPIPE)$/;
const LOST_MESSAGE =
  /Connection terminated|Client has encountered a connection error|client was closed|not queryable/i;

/** True if the connection itself is gone, so that nothing more can be asked on it. */
export function isConnectionLost(error: unknown): boolean {
  if (isRevgraphError(error, 'connection_lost')) return true;
  const { sqlstate, message } = readDriverError(error);
  const code = (error as { code?: unknown })?.code;
  if (typeof code === 'string' && LOST.test(code)) return true;
  return (
    sqlstate?.startsWith('08') === true ||
    /^(57P0[1235]|25P0[34])$/.test(sqlstate ?? '') ||
    LOST_MESSAGE.test(message)
  );
}

/**
 * Remembers what a server says while nobody asks it anything, which as a rule is why it ends the connection. A query that comes
 * later only hears that there is none.
 * @returns an error, or what was the cause of it
 */
export function keepCause(client: {
  on(event: 'error', listener: (error: Error) => void): unknown;
}): (error: unknown) => unknown {
  let said: unknown = null;
  client.on('error', (error) => {
    if (readDriverError(error).sqlstate !== null) said ??= error;
  });
  return (error) =>
    said !== null && readDriverError(error).sqlstate === null && isConnectionLost(error) ? said : error;
}

/** A lock that was not to be had in time, a deadlock, a snapshot that another transaction overtook: the next try may work. */
export function isTransient(sqlstate: string | null): boolean {
  return sqlstate !== null && TRANSIENT.includes(sqlstate);
}

/** Classes of {@link isTransient}; with those of a server that is not there, or goes down. */
const TRANSIENT = ['55P03', '40P01', '40001'];
export const NOT_OF_THE_REVISION: readonly string[] = [...TRANSIENT, '57P01', '57P02', '57P03', '53300'];

/** True for “relation … does not exist”. pg-mem gives no SQLSTATE, only the sentence. */
export function isUndefinedTable(error: unknown): boolean {
  const { sqlstate, message } = readDriverError(error);
  return sqlstate === '42P01' || (sqlstate === null && /^relation ".*" does not exist/.test(message));
}

/**
 * A driver's error as one of ours, the original as `cause`. Errors of ours pass through.
 * @param what what was going on, as in “reading the version table”
 * @param label where, without a password
 */
export function translate(error: unknown, what: string, label: string): RevgraphError {
  if (error instanceof RevgraphError) return error;
  const { message, sqlstate } = readDriverError(error);
  const because = <C extends ErrorCode>(code: C, details: ErrorDetails[C]): RevgraphError =>
    new RevgraphError(code, details, { cause: error });
  const e = error as { code?: unknown; errors?: { code?: unknown }[] };
  const nodeCode = String(e?.code ?? e?.errors?.[0]?.code ?? '');
  if (UNREACHABLE.test(nodeCode) || /timeout expired|timeout exceeded when trying to connect/.test(message))
    return because('connection_refused', { url: label, reason: message });
  if (sqlstate === '28P01' || sqlstate === '28000' || /SASL|password must be a string/.test(message))
    return because('authentication_failed', { url: label, reason: message });
  if (sqlstate === '3D000') return because('database_absent', { url: label, reason: message });
  if (sqlstate === READ_ONLY) return because('server_read_only', { why: null, url: label });
  if (sqlstate === '42501') return because('permission_denied', { what, reason: message });
  if (isConnectionLost(error)) return because('connection_lost', { reason: message, sqlstate });
  return because('database_failed', { what, sqlstate, reason: message });
}

/** “cannot execute … in a read-only transaction” */
const READ_ONLY = '25006';

/** True for what a server or the network said; a mistake in somebody's code, ours too, is none of it. */
export function isOfDatabase(error: unknown): boolean {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return (
    readDriverError(error).sqlstate !== null ||
    (typeof code === 'string' && NETWORK.test(code)) ||
    isConnectionLost(error)
  );
}
