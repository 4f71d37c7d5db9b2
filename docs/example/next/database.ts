import pg from 'pg';
import { boot, isRevgraphError, readiness } from 'revgraph';

const { DATABASE_URL, REVISIONS = 'revisions' } = process.env;

// Next.js bundles the hook and every route by itself: what they share is kept by the process.
const kept = globalThis as typeof globalThis & { pool?: pg.Pool };
kept.pool ??= new pg.Pool({ connectionString: DATABASE_URL, max: 4 }).on('error', (error) =>
  console.error(error.message),
);
export const pool = kept.pool;

const settings = { database: pool, revisions: REVISIONS, application: 'example' };

export const ready = readiness({ ...settings, ttlMs: 1_000 });

/** Brings the database to the target, or ends the process: a server without its database is not started. */
export async function migrate(): Promise<void> {
  try {
    await boot({ ...settings, logger: console });
  } catch (error) {
    console.error(error);
    process.exit(isRevgraphError(error) ? error.exitValue : 1);
  }
}
