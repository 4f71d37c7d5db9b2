import type { Session } from '../../../lib/database/connection/session.js';
import type { Place } from './history.js';
import { locksLeft, say, WAITS } from './statements.js';
import type { ModelSession, World } from './world.js';

/** Advisory locks are of sessions, and PGlite has one. */
const OF_SESSIONS = /pg_try_advisory_lock|pg_advisory_unlock|^SELECT a\.pid, a\.application_name/;
const HELD = /EXISTS \(SELECT FROM pg_locks WHERE [^;]*?AND granted AND pid = pg_backend_pid\(\)\)/;
const TABLES = `SELECT coalesce(json_agg(relname), '[]') AS tables FROM pg_class WHERE relname LIKE 'revgraph_%' AND relkind = 'r'`;

/**
 * The same histories in front of a real PostgreSQL that has one session. Virtual sessions take turns: while one is inside a transaction
 * the others wait for its end. Advisory locks are those of the model.
 */
export class OnPGlite implements Place {
  readonly locks = ['advisory'] as const;
  readonly faults = ['question', 'answer', 'ended', 'stopped', 'unlocked'] as const;
  /** Two that only take turns do not block each other. */
  readonly patienceMs = Number.POSITIVE_INFINITY;
  readonly #session: Session;
  /** Whose transaction is open. */
  #inside: ModelSession | null = null;

  constructor(session: Session) {
    this.#session = session;
  }

  async begin(): Promise<void> {
    await this.#session.query(
      'DROP TABLE IF EXISTS revgraph_version, revgraph_ledger, work; CREATE TABLE work (revision text)',
    );
  }

  async say(world: World, session: ModelSession, text: string, values: readonly unknown[]): Promise<unknown> {
    const asked = text.replace(/\s+/g, ' ').trim();
    if (OF_SESSIONS.test(asked) || this.#isSwallowed(world, asked)) return say(world, session, text, values);
    await this.#endOrphan();
    if (this.#inside !== null && this.#inside !== session) return WAITS;
    const held = [...world.advisory.values()].some((lock) => lock.session === session);
    // The value that the expression has asked for stays used.
    const number = /\$(\d+)::bigint AND granted/.exec(text)?.[0]?.replace(' AND granted', '');
    const mine = number === undefined ? `${held}` : `(${number} IS NOT NULL AND ${held})`;
    const said = await this.#session.query(text.replace(HELD, mine), [...values]);
    if (asked.startsWith('BEGIN')) {
      session.inTransaction = true;
      this.#inside = session;
    } else if (/^(COMMIT|ROLLBACK)$/.test(asked)) {
      session.inTransaction = false;
      this.#inside = null;
    }
    // What PGlite can't know of.
    const last = [said].flat().at(-1);
    last?.rows.push(...locksLeft(world, session, asked));
    await this.settle(world);
    return said;
  }

  /** Brings what is committed to the model, where it is judged. */
  async settle(world: World): Promise<void> {
    await this.#endOrphan();
    if (this.#inside !== null) return;
    const list = async (sql: string): Promise<Record<string, unknown>[]> =>
      (await this.#session.query(sql)).rows;
    const [found] = await list(TABLES);
    const tables = new Set(found?.tables as string[]);
    const rows = tables.has('revgraph_version') ? await list('SELECT revision FROM revgraph_version') : [];
    const ledger = tables.has('revgraph_ledger')
      ? await list('SELECT revision, outcome FROM revgraph_ledger')
      : [];
    const witness = await list('SELECT revision FROM work');
    const ids = (from: Record<string, unknown>[]): string[] => from.map(({ revision }) => String(revision));
    world.store = { tables, rows: new Set(ids(rows)), ledger, witness: ids(witness), lease: null };
  }

  #isSwallowed({ swallowed }: World, asked: string): boolean {
    if (swallowed.work !== null && asked.includes(`INTO work VALUES ('${swallowed.work}')`)) return true;
    return swallowed.ledger && asked.startsWith('INSERT INTO "public"."revgraph_ledger"');
  }

  async #endOrphan(): Promise<void> {
    if (this.#inside === null || (this.#inside.inTransaction && !this.#inside.gone)) return;
    this.#inside = null;
    await this.#session.query('ROLLBACK');
  }
}
