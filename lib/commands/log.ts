import type { LogOptions, LogResult } from '../inspection/log.js';

export type { LogEntry } from '../inspection/log-entry.js';
export type { LogOptions, LogResult };

/**
 * The ledger, newest first: every upgrade, downgrade and stamp, also those that failed or did not finish, with who ran it, when,
 * how long it took, what it did to the version table and why it failed. Takes no lock, writes nothing.
 *
 * With `revision`, only entries about that revision, also under its former names, and the stamps that counted it as applied. Its
 * file may be gone.
 * @throws `unknown_revision` if neither a file nor the ledger knows the revision; `usage` for a `since` that is no time
 */
export async function log(options: LogOptions): Promise<LogResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { logOf } = await import('../inspection/log.js');
  return logOf(await checkOptions('log', options));
}
