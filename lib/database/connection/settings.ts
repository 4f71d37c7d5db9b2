import { heldExpression } from './lock.js';
import { quote } from './server.js';
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
  lockKey: string | null,
): Promise<boolean> {
  const { calls, values } = assignments(settings, true);
  if (lockKey !== null) calls.push(`${heldExpression(`$${values.push(lockKey)}`)} AS held`);
  const { rows } = await client.query(`SELECT ${calls.join(', ')}`, values);
  return lockKey === null || rows[0]?.held === true;
}

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
  try {
    return await action();
  } finally {
    await setForSession(client, before).catch(() => {
      // A broken connection has no settings to put back; what the action said is what counts.
    });
  }
}

async function setForSession(client: Queryable, settings: Settings): Promise<void> {
  const { calls, values } = assignments(settings, false);
  await client.query(`SELECT ${calls.join(', ')}`, values);
}

const OWN_SETTINGS = "SELECT name, current_setting(name) AS value FROM pg_settings WHERE source = 'session'";

/**
 * Runs `action` on a connection that the caller keeps using, and restores the session's settings afterwards: a
 * revision may set them for good (every dump begins with an empty search path).
 */
export async function withOwnSettings<T>(client: Queryable, action: () => Promise<T>): Promise<T> {
  const before = await readOwnSettings(client);
  try {
    return await action();
  } finally {
    await restore(client, before).catch(() => {
      // A broken connection has no settings to put back.
    });
  }
}

async function readOwnSettings(client: Queryable): Promise<Map<string, string>> {
  const { rows } = await client.query(OWN_SETTINGS);
  return new Map(rows.map(({ name, value }) => [String(name), String(value)]));
}

async function restore(client: Queryable, before: ReadonlyMap<string, string>): Promise<void> {
  const after = await readOwnSettings(client);
  for (const name of after.keys()) if (!before.has(name)) await client.query(`RESET ${quote(name)}`);
  const changed: Settings = [...before].filter(([name, value]) => after.get(name) !== value);
  if (changed.length > 0) await setForSession(client, changed);
}
