import { execFileSync } from 'node:child_process';
import { readFactRows } from '../../lib/database/catalog/introspect.js';
import { withSession } from '../../lib/database/connection/connect.js';
import { type Snapshot, toSnapshot } from '../../lib/fingerprint/fact.js';
import { type DatabaseSource, upgrade } from '../../lib/index.js';
import { freshDatabase, type TestDatabase } from './databases.js';

const rendered = new Map<string, string>();

/**
 * The schema of a real release as SQL, rendered from its facts, with its version table if it had one. Each is rendered once in a
 * worker: a program of its own does it, and many tests ask for the same release.
 */
export function releaseSql(release: string): string {
  const sql =
    rendered.get(release) ??
    execFileSync(
      process.execPath,
      ['fixtures/whisperengine/facts-to-sql.mjs', `fixtures/whisperengine/${release}.json`],
      { encoding: 'utf8' },
    );
  rendered.set(release, sql);
  return sql;
}

/** All facts of a database. */
export function factsOf(source: DatabaseSource): Promise<Snapshot> {
  return withSession(source, {}, async (session) => toSnapshot(await readFactRows(session)));
}

/** A new database with the reference graph at a target. */
export async function referenceDatabase(target = 'head'): Promise<TestDatabase> {
  const database = await freshDatabase();
  await upgrade({ revisions: 'revisions', database: database.url, target });
  return database;
}

/** The assistant, and one user with preferences. */
export const ROWS = `
  INSERT INTO characters (name, normalized_name) VALUES ('AI Assistant', 'assistant');
  INSERT INTO universal_users (universal_id, primary_username, preferences)
  VALUES ('u1', 'ada', '{"preferred_name": "Ada"}'), ('u2', 'bob', '{}');`;
