import { literal } from '../literal.js';
import { ended } from './ended.js';
import { heldExpression, isGuard, type RunLock } from './lock.js';
import type { Queryable } from './session.js';

/** Settings of PostgreSQL by name. */
export type Settings = readonly (readonly [name: string, value: string])[];

function assignments(settings: Settings, forTransaction: boolean): { calls: string[]; values: string[] } {
  const calls = settings.map((_, i) => `set_config($${2 * i + 1}, $${2 * i + 2}, ${forTransaction})`);
  return { calls, values: settings.flat() };
}

/**
 * Applies settings for the transaction that is open, and looks in the same round trip whether the advisory lock with this
 * key is still ours.
 * @returns false if it is not; true without a key
 */
export async function setForTransaction(
  client: Queryable,
  settings: Settings,
  lockKey: RunLock | null,
): Promise<boolean> {
  const { calls, values } = assignments(settings, true);
  if (isGuard(lockKey)) calls.push(`${lockKey.held} AS held`);
  else if (lockKey !== null) calls.push(`${heldExpression(`$${values.push(lockKey)}`)} AS held`);
  const { rows } = await client.query(`SELECT ${calls.join(', ')}`, values);
  return lockKey === null || rows[0]?.held === true;
}

/** The settings as a statement, for a message of several: for the transaction that is open, or for the session if that is committed. */
export function settingsStatement(settings: Settings, forTransaction = true): string {
  return `SELECT ${settings.map(([name, value]) => `set_config(${literal(name)}, ${literal(value)}, ${forTransaction})`).join(', ')}`;
}

/** The same for one setting that some servers lack; to look for it in pg_settings would write out all of them. */
export const settingWhereThere = (name: string, value: string): string =>
  `SELECT set_config(${literal(name)}, ${literal(value)}, true) WHERE current_setting(${literal(name)}, true) IS NOT NULL`;

/** Runs `action` with settings for the session, and puts back what was there. */
export async function withSettings<T>(
  client: Queryable,
  settings: Settings,
  action: () => Promise<T>,
): Promise<T> {
  const read = settings.map((_, i) => `current_setting($${i + 1}) AS s${i}`).join(', ');
  const { rows } = await client.query(
    `SELECT ${read}`,
    settings.map(([name]) => name),
  );
  const before: Settings = settings.map(([name], i) => [name, String(rows[0]?.[`s${i}`])]);
  await setForSession(client, settings);
  // What can't be put back is said: whoever comes next would work with these settings.
  return ended(action, () => setForSession(client, before));
}

async function setForSession(client: Queryable, settings: Settings): Promise<void> {
  const { calls, values } = assignments(settings, false);
  await client.query(`SELECT ${calls.join(', ')}`, values);
}
