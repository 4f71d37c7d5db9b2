import { lockName } from '../../../lib/database/connection/lock.js';
import { ModelError, type ModelSession, type Store, type World } from './world.js';

/** What a statement answers. */
export interface Answer {
  readonly command: string;
  readonly rowCount: number | null;
  readonly rows: Record<string, unknown>[];
  readonly fields: readonly { name: string }[];
}

/** It waits for what another session has written. */
export const WAITS = Symbol('waits');

const answer = (
  rows: Record<string, unknown>[] = [],
  command = 'SELECT',
  rowCount = rows.length,
): Answer => ({
  command,
  rowCount,
  rows,
  fields: Object.keys(rows[0] ?? { revision: '' }).map((name) => ({ name })),
});

const STATE = {
  user: 'model',
  role: 'none',
  settings: [],
  prepared: [],
  cursors: [],
  channels: [],
  temporary: [],
  locks: [],
};

interface Asked {
  readonly world: World;
  readonly session: ModelSession;
  readonly values: readonly unknown[];
  readonly found: RegExpExecArray;
  readonly text: string;
}

type Said = Answer | readonly Answer[] | typeof WAITS;

/**
 * Everything that the library says to a client that was given to it, by its beginning. A statement that is not here is an error of the
 * history: the model knows what it is asked, or says that it does not.
 */
const KNOWN: readonly (readonly [RegExp, (asked: Asked) => Said])[] = [
  [
    /^SELECT current_database\(\) AS database, current_schema/,
    ({ world, session }) =>
      answer([
        {
          database: 'model',
          schema: 'public',
          user: 'model',
          version: 180000,
          backend: session.number,
          search_path: 'public',
          escapes_strings: false,
          checks_connection: true,
          read_only: null,
          state: STATE,
          also: tablesOf(world.view(session)),
        },
      ]),
  ],
  [
    /^SELECT pg_try_advisory_lock/,
    ({ world, session, values }) => answer([{ taken: take(world, session, String(values[0]), false) }]),
  ],
  [
    /pg_try_advisory_xact_lock\((-?\d+)\)/,
    ({ world, session, found }) => {
      session.inTransaction = true;
      const held = take(world, session, String(found[1]), true);
      return [answer([], 'BEGIN'), answer([{ held, backend: session.number }])];
    },
  ],
  [
    /^SELECT pg_advisory_unlock/,
    ({ world, session, values }) => {
      const key = String(values[0]);
      const released = world.advisory.get(key)?.session === session;
      if (released) world.advisory.delete(key);
      return answer([{ released }]);
    },
  ],
  [
    /^SELECT EXISTS \(SELECT FROM (?:pg_locks|"public"\."revgraph_lock")/,
    ({ world, session, text }) => {
      const held = answer([{ held: isHeld(world, session, text, []) }]);
      const seen = world.view(session);
      if (text.includes('json_build_object(')) return [held, answer([{ tables: tablesOf(seen) }])];
      return text.includes('; SELECT *') ? [held, rowsOf(seen), recordIn(seen)] : held;
    },
  ],
  [/^SELECT \* FROM "(?:public"\.")?revgraph_version"$/, ({ world, session }) => rowsOf(world.view(session))],
  [
    /^SELECT \* FROM "(?:public"\.")?revgraph_version"; SELECT json_agg/,
    ({ world, session }) => {
      const seen = world.view(session);
      return [rowsOf(seen), recordIn(seen)];
    },
  ],
  [
    /^SELECT \* FROM "public"\."revgraph_version" FOR UPDATE/,
    ({ world, session }) => {
      const keys = [...world.view(session).rows].map((row) => `row ${row}`);
      if (world.inTheWay(session, keys) !== null) return WAITS;
      world.write(session, keys, () => {});
      return rowsOf(world.view(session));
    },
  ],
  [
    /^BEGIN/,
    ({ session }) => {
      session.inTransaction = true;
      return answer([], 'BEGIN');
    },
  ],
  [
    /^(COMMIT|ROLLBACK)$/,
    ({ world, session, found }) => answer([], world.end(session, found[1] as 'COMMIT')),
  ],
  [
    /^SELECT set_config\(\$1/,
    ({ world, session, text, values }) =>
      answer([
        {
          set_config: '',
          ...(text.endsWith('AS held') ? { held: isHeld(world, session, text, values) } : {}),
        },
      ]),
  ],
  [
    /^(SET CONSTRAINTS|RESET|SET LOCAL)/,
    ({ world, session, text }) => [answer([], 'SET'), answer(locksLeft(world, session, text))],
  ],
  [
    /^CREATE (?:TABLE|INDEX) IF NOT EXISTS "?(?:public"\.")?(\w+)/,
    ({ world, session, found }) => {
      const name = String(found[1]);
      if (world.inTheWay(session, [`table ${name}`]) !== null) return WAITS;
      if (!world.view(session).tables.has(name))
        world.write(session, [`table ${name}`], ({ tables }) => tables.add(name));
      return answer([], 'CREATE');
    },
  ],
  [
    /^INSERT INTO "public"\."revgraph_version" \("revision"\) VALUES \('(\w+)'\)/,
    ({ world, session, found }) => {
      const row = String(found[1]);
      if (world.inTheWay(session, [`row ${row}`]) !== null) return WAITS;
      if (world.view(session).rows.has(row))
        throw new ModelError('duplicate key value violates unique constraint', '23505');
      world.write(session, [`row ${row}`], ({ rows }) => rows.add(row));
      return [answer([], 'INSERT', 1), rowsOf(world.view(session))];
    },
  ],
  [
    /^UPDATE "public"\."revgraph_version" SET "revision" = '(\w+)' WHERE "revision" = '(\w+)'/,
    ({ world, session, found }) => {
      const [, to = '', from = ''] = found;
      if (world.inTheWay(session, [`row ${from}`, `row ${to}`]) !== null) return WAITS;
      const there = world.view(session).rows.has(from);
      if (there)
        world.write(session, [`row ${from}`, `row ${to}`], ({ rows }) => {
          rows.delete(from);
          rows.add(to);
        });
      return [answer([], 'UPDATE', there ? 1 : 0), rowsOf(world.view(session))];
    },
  ],
  [
    /^INSERT INTO "public"\."revgraph_ledger"/,
    ({ world, session, values }) => {
      if (world.swallowed.ledger) return answer([], 'INSERT', 0);
      const [, revision, direction, parents, checksum, rows_from, rows_to, , , , outcome] = values;
      const entry = {
        revision,
        direction,
        outcome,
        parents,
        checksum,
        rows_from,
        rows_to,
        statement: null,
        statistics: null,
        covers: null,
        breaks_before: null,
        names: null,
        finished: null,
      };
      world.write(session, [], ({ ledger }) => ledger.push(entry));
      return answer([], 'INSERT', 1);
    },
  ],
  [
    /^INSERT INTO work VALUES \('(\w+)'\)$/,
    ({ world, session, found }) => {
      const revision = String(found[1]);
      if (world.swallowed.work !== revision)
        world.write(session, [], ({ witness }) => witness.push(revision));
      return answer([], 'INSERT', 1);
    },
  ],
  [
    /^SELECT count\(\*\) = 1 FROM work WHERE revision = '(\w+)'$/,
    ({ world, session, found }) => {
      const { witness } = world.view(session);
      return answer([{ done: witness.filter((one) => one === found[1]).length === 1 }]);
    },
  ],
  [/^SELECT json_agg\(entry\) AS record/, ({ world, session }) => recordIn(world.view(session))],
  [/^SELECT revision, direction, outcome/, ({ world, session }) => recordOf(world.view(session))],
  [
    /^WITH RECURSIVE last AS/,
    ({ world, session }) => {
      const { tables, ledger } = world.view(session);
      if (!tables.has('revgraph_ledger')) throw new ModelError('relation does not exist', '42P01');
      const last = new Map<unknown, Record<string, unknown>>();
      for (const [i, entry] of ledger.entries())
        last.set(entry.revision, { ...entry, entry: i + 1, indexed: true });
      return answer([...last.values()].sort((a, b) => (String(a.revision) < String(b.revision) ? 1 : -1)));
    },
  ],
  // Who made the row of an outsider: nobody knows.
  [/^SELECT DISTINCT ON \(revision\) revision, parents, started_at/, () => answer()],
  [/^SELECT a\.pid, a\.application_name/, () => answer()],
  [/^SELECT holder, to_char/, () => answer()],
  // No backfill ever began.
  [/^SELECT to_regclass\(\$1\) IS NOT NULL AS there$/, () => answer([{ there: false }])],
  [
    /^INSERT INTO "public"\."revgraph_lock" AS l .* VALUES \('\w+', '([^']+)'/,
    ({ world, session, found }) => {
      const { lease } = world.store;
      if (lease !== null && lease.expires >= world.now) return answer([], 'INSERT', 0);
      const taken = {
        holder: String(found[1]),
        elected: `${world.now}`,
        replica: session.replica,
        expires: world.now + LEASE_MS,
      };
      world.store.lease = taken;
      return answer([{ holder: taken.holder, elected: taken.elected }], 'INSERT');
    },
  ],
  [
    /^(UPDATE|DELETE FROM) "public"\."revgraph_lock"/,
    ({ world, text, found }) => {
      if (!isLease(world, text)) return answer([], String(found[1]), 0);
      const { lease } = world.store;
      if (found[1] === 'UPDATE' && lease !== null) lease.expires = world.now + LEASE_MS;
      else world.store.lease = null;
      return answer([{ holder: lease?.holder }], String(found[1]));
    },
  ],
];

const LEASE_MS = 30_000;

const tablesOf = ({ tables }: Store) => ({
  version: tables.has('revgraph_version') ? 'public' : null,
  alembic: null,
  ledger: tables.has('revgraph_ledger') ? 'public' : null,
});
const rowsOf = ({ rows }: Store): Answer => answer([...rows].map((revision) => ({ revision })));
/** The same as one value. */
const recordIn = (store: Store): Answer => answer([{ record: recordOf(store).rows }]);

const recordOf = ({ ledger }: Store): Answer => answer(ledger.filter(({ outcome }) => outcome === 'done'));

/** The locks of a session that a question does not pass over. */
export function locksLeft(
  world: World,
  session: ModelSession,
  text: string,
): { kind: string; name: string }[] {
  return [...world.advisory].flatMap(([key, lock]) =>
    lock.session === session && text.startsWith('SET CONSTRAINTS') && !text.includes(lockName(key))
      ? [{ kind: 'locks', name: lockName(key) }]
      : [],
  );
}

function take(world: World, session: ModelSession, key: string, xact: boolean): boolean {
  const other = world.advisory.get(key);
  if (other !== undefined && other.session !== session) return false;
  world.advisory.set(key, { session, xact });
  return true;
}

/** Whether the lock is held that an expression asks for. */
function isHeld(world: World, session: ModelSession, text: string, values: readonly unknown[]): boolean {
  if (text.includes('"revgraph_lock"')) return isLease(world, text);
  const key = /= '(-?\d+)'::bigint/.exec(text)?.[1] ?? String(values.at(-1));
  const holder = world.advisory.get(key)?.session;
  const backend = /pid = (\d+)/.exec(text)?.[1];
  return holder !== undefined && holder.number === (backend === undefined ? session.number : Number(backend));
}

function isLease({ store: { lease }, now }: World, text: string): boolean {
  const [, holder] = /holder = '([^']+)'/.exec(text) ?? [];
  const [, elected] = /elected_at = '([^']+)'/.exec(text) ?? [];
  return lease !== null && lease.holder === holder && lease.elected === elected && lease.expires > now;
}

/** What a session hears. @throws ModelError */
export function say(world: World, session: ModelSession, text: string, values: readonly unknown[]): Said {
  const asked = text.replace(/\s+/g, ' ').trim();
  if (session.failed && !/^(COMMIT|ROLLBACK)$/.test(asked))
    throw new ModelError('current transaction is aborted', '25P02');
  for (const [pattern, act] of KNOWN) {
    const found = pattern.exec(asked);
    if (found === null) continue;
    try {
      return act({ world, session, values, found, text: asked });
    } catch (error) {
      session.failed = session.inTransaction;
      throw error;
    }
  }
  throw new Error(`the model does not know: ${asked.slice(0, 200)}`);
}
