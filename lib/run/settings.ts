import { heldExpression } from '../database/lock.js';
import { RevgraphError } from '../errors.js';
import { STEP_DEFAULTS } from './options.js';
import type { Run } from './run.js';

/** Settings of a step by name. The search path is set again for every step: a revision may have changed it. */
function settingsOf({ server, options }: Run): [name: string, value: string][] {
  const ms = (value: number): string => `${Math.round(value)}ms`;
  const settings: [string, string][] = [
    ['lock_timeout', ms(options.lockTimeoutMs ?? STEP_DEFAULTS.lockTimeoutMs)],
    ['statement_timeout', ms(options.statementTimeoutMs ?? STEP_DEFAULTS.statementTimeoutMs)],
  ];
  // A killed client's statement must not go on for minutes behind everybody's back.
  if (server.checksConnection) settings.push(['client_connection_check_interval', '1s']);
  if (server.searchPath !== null) settings.push(['search_path', server.searchPath]);
  return settings;
}

/**
 * Applies the settings of a step, for its transaction only, and makes sure that the lock is still held: one round trip.
 * @throws `lock_lost`
 */
export async function applySettings(run: Run): Promise<void> {
  if (run.server.versionNumber === null) return;
  const settings = settingsOf(run);
  const calls = settings.map((_, i) => `set_config($${2 * i + 1}, $${2 * i + 2}, true)`);
  const values: string[] = settings.flat();
  if (run.lockKey !== null) {
    values.push(run.lockKey);
    calls.push(`${heldExpression(`$${values.length}`)} AS held`);
  }
  const { rows } = await run.session.query(`SELECT ${calls.join(', ')}`, values);
  if (run.lockKey !== null && rows[0]?.held !== true)
    throw new RevgraphError('lock_lost', { reason: 'another connection answers than the one that took it' });
}

/** For statements outside a transaction: the settings hold for the session while `action` runs, then are put back. */
export async function withSessionSettings<T>(run: Run, action: () => Promise<T>): Promise<T> {
  const names = settingsOf(run).map(([name]) => name);
  const read = names.map((name, i) => `current_setting('${name}') AS s${i}`).join(', ');
  const { rows } = await run.session.query(`SELECT ${read}`);
  const set = names.map((name, i) => `set_config('${name}', $${i + 1}, false)`).join(', ');
  await run.session.query(
    `SELECT ${set}`,
    settingsOf(run).map(([, value]) => value),
  );
  try {
    return await action();
  } finally {
    const before = names.map((_, i) => String(rows[0]?.[`s${i}`]));
    await run.session.query(`SELECT ${set}`, before).catch(() => {
      // A broken connection has no settings to put back; what the action said is what counts.
    });
  }
}
