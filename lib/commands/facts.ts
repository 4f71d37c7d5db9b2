import type { Fact } from '../fingerprint/fact.js';
import type { DatabaseOptions } from './options.js';

/** All facts of a database, sorted: what there is in its schema, a line per object, and no data. One round trip. */
export async function facts(options: Omit<DatabaseOptions, 'revisions'>): Promise<readonly Fact[]> {
  const [{ withSession }, { readFactRows }, { toFact }] = await Promise.all([
    import('../database/connect.js'),
    import('../database/introspect.js'),
    import('../fingerprint/fact.js'),
  ]);
  const { database, versionTable, connectTimeoutMs, signal } = options;
  const connect = { signal, ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }) };
  return withSession(database, connect, async (session) =>
    (await readFactRows(session, versionTable)).map(toFact).sort(),
  );
}
