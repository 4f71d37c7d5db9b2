import { quote } from '../connection/server.js';
import type { Queryable } from '../connection/session.js';

/** What every name begins with, so that people find them: `\l revgraph_throwaway_*` in psql. */
const PREFIX = 'revgraph_throwaway_';
const NAME = `^${PREFIX}\\d{8}t\\d{4}_[0-9a-f]{16}$`;

/** `revgraph_throwaway_20260131t2359_…`: it says when it was made (UTC), which PostgreSQL does not. */
export function throwAwayName(random: string, now = new Date()): string {
  const minute = now.toISOString().slice(0, 16).replace(/[-:]/g, '').toLowerCase();
  return `${PREFIX}${minute}_${random}`;
}

/**
 * Drops databases that a killed process left: made more than a day ago, owned by this role, and with nobody connected to them.
 * One query, and a DROP for each.
 * @returns their names
 */
export async function dropLeftovers(client: Queryable): Promise<string[]> {
  const { rows } = await client.query(
    `SELECT datname FROM pg_database WHERE datname ~ $1 AND pg_has_role(datdba, 'USAGE')
     AND substring(datname FROM ${PREFIX.length + 1} FOR 13) < to_char(now() AT TIME ZONE 'UTC' - interval '1 day', 'YYYYMMDD"t"HH24MI')`,
    [NAME],
  );
  const dropped: string[] = [];
  for (const { datname } of rows) {
    // Without FORCE: one that is in use, or goes away at this moment, is no business of ours.
    const gone = await client.query(`DROP DATABASE ${quote(String(datname))}`).catch(() => null);
    if (gone !== null) dropped.push(String(datname));
  }
  return dropped;
}

/** The newest database of ours that was kept under such a name. @param hash 16 hex digits; others are drawn by lot */
export async function findShared(client: Queryable, hash: string): Promise<string | null> {
  const { rows } = await client.query(
    `SELECT datname FROM pg_database WHERE datname ~ $1 AND pg_has_role(datdba, 'USAGE') ORDER BY 1 DESC LIMIT 1`,
    [`${NAME.slice(0, -'[0-9a-f]{16}$'.length)}${hash}$`],
  );
  return rows[0] === undefined ? null : String(rows[0].datname);
}
