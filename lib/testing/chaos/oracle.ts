import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { literal } from '../../database/literal.js';

/** What PostgreSQL itself knows of a database. */
export interface Testimony {
  /** Revisions that it has no witness of. */
  readonly missing: readonly string[];
  readonly there: ReadonlySet<string>;
  /** How often a step came to its witness, whatever became of it. */
  readonly attempts: number;
}

const ADVISORY = `SELECT count(*)::int AS n FROM pg_locks l JOIN pg_database d ON d.oid = l.database
  WHERE l.locktype = 'advisory' AND d.datname = current_database()`;

/** It asks with a driver and connections of its own, straight at the server: nothing of what it judges is in its way. */
export class Oracle {
  readonly #database: string;
  readonly #expected: readonly string[];

  /** @param expected revisions that have a witness */
  constructor(database: string, expected: readonly string[]) {
    this.#database = database;
    this.#expected = expected;
  }

  async judge(): Promise<Testimony> {
    const [row] = await this.#ask(
      `SELECT (SELECT coalesce(array_agg(revision), '{}') FROM chaos.witness) AS there,
              (SELECT CASE WHEN is_called THEN last_value ELSE 0 END::int FROM chaos.attempts) AS attempts`,
    );
    const there = new Set(row?.there as string[]);
    const missing = this.#expected.filter((id) => !there.has(id));
    return { missing, there, attempts: Number(row?.attempts) };
  }

  /** Waits until nobody holds a lock. @returns how long that took, and how many are left */
  async untilFree(patienceMs: number): Promise<{ ms: number; left: number }> {
    const begun = performance.now();
    for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 2, 500)) {
      const left = await this.#locks();
      const ms = performance.now() - begun;
      if (left === 0 || ms > patienceMs) return { ms: Math.round(ms), left };
      await sleep(pauseMs);
    }
  }

  /** Ends the sessions of runs. @returns how many there were */
  async terminate(application = 'revgraph'): Promise<number> {
    const rows = await this.#ask(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = ${literal(application)}`,
    );
    return rows.length;
  }

  /** Advisory locks, and leases that still hold. */
  async #locks(): Promise<number> {
    const [row] = await this.#ask(
      `${ADVISORY}; SELECT to_regclass('public.revgraph_lock') IS NOT NULL AS leases`,
    );
    const held = Number(row?.n);
    if (row?.leases !== true) return held;
    const [lease] = await this.#ask(
      'SELECT count(*)::int AS n FROM public.revgraph_lock WHERE expires_at > clock_timestamp()',
    );
    return held + Number(lease?.n);
  }

  /** @returns the first row of each statement as one, or the rows of the only one */
  async #ask(sql: string): Promise<Record<string, unknown>[]> {
    const client = await connected(this.#database);
    try {
      const answer = await client.query(sql);
      if (!Array.isArray(answer)) return answer.rows;
      return [Object.assign({}, ...answer.map(({ rows }: pg.QueryResult) => rows[0]))];
    } finally {
      await client.end();
    }
  }
}

const UP_WITHIN_MS = 20_000;

/** A server that was killed may not be there at once. */
async function connected(connectionString: string): Promise<pg.Client> {
  for (const begun = performance.now(); ; await sleep(100)) {
    const client = new pg.Client({
      connectionString,
      application_name: 'chaos oracle',
      connectionTimeoutMillis: 10_000,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (performance.now() - begun > UP_WITHIN_MS) throw error;
    }
  }
}
