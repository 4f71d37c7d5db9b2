import type { DatabaseOptions } from '../config/options.js';
import { readFactRows } from '../database/catalog/introspect.js';
import { withSession } from '../database/connection/connect.js';
import { type Fact, toFact } from '../fingerprint/fact.js';

/** See `facts`. */
export async function factsOf(options: Omit<DatabaseOptions, 'revisions'>): Promise<readonly Fact[]> {
  const { database, versionTable, role, connectTimeoutMs, connectRetryMs, signal } = options;
  const connect = {
    signal,
    ...(role === undefined ? {} : { role }),
    ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
    ...(connectRetryMs === undefined ? {} : { connectRetryMs }),
  };
  return withSession(database, connect, async (session) =>
    (await readFactRows(session, versionTable)).map(toFact).sort(),
  );
}
