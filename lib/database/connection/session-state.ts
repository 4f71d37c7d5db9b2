import { literal, quote } from '../literal.js';
import type { CustomSettings } from './custom-settings.js';
import { ended } from './ended.js';
import type { Queryable, Session } from './session.js';
import type { Settings } from './settings.js';
import { lastRows } from './transaction.js';

/**
 * What a session is when a run begins: a session of our own has nothing of the lists, a lent one has what its owner left
 * there. Every step begins with this, and a lent session goes back as this.
 */
export interface SessionState {
  /** The owner's client: what it holds must stand. */
  readonly lent: boolean;
  readonly user: string;
  readonly role: string;
  readonly settings: Settings;
  readonly prepared: readonly string[];
  readonly cursors: readonly string[];
  readonly channels: readonly string[];
  /** Oids of temporary tables, views, sequences, types and functions. */
  readonly temporary: readonly string[];
  /** Settings of an application's own that were changed since. */
  readonly custom?: CustomSettings | undefined;
  /** As {@link LOCK} writes them. */
  readonly locks: readonly string[];
}

/** Of a transaction, not of a session. */
const OF_SESSION = "source = 'session' AND name NOT LIKE 'transaction\\_%'";

/** An advisory lock as text: what its key is made of, and whether it is shared. */
const LOCK = "concat_ws(' ', objsubid, classid, objid, mode)";
const LOCKS = `SELECT ${LOCK} AS name, mode = 'ShareLock' AS shared, objsubid, classid, objid FROM pg_locks
  WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

/** What a session holds besides settings, by kind; the lists of {@link SessionState} have the same names. */
const HELD = {
  prepared: 'SELECT name FROM pg_prepared_statements',
  cursors: "SELECT name FROM pg_cursors WHERE name <> '' AND is_holdable",
  channels: 'SELECT name FROM pg_listening_channels() AS name',
  // A session that never made anything temporary has no such schema, and the catalogs, which have no index for this, are not read.
  temporary: `SELECT oid::text AS name FROM pg_class WHERE pg_my_temp_schema() <> 0 AND relnamespace = pg_my_temp_schema() AND relkind IN ('r', 'p', 'v', 'S', 'c')
    UNION ALL SELECT oid::text FROM pg_type WHERE pg_my_temp_schema() <> 0 AND typnamespace = pg_my_temp_schema() AND typtype IN ('d', 'e', 'r')
    UNION ALL SELECT oid::text FROM pg_proc WHERE pg_my_temp_schema() <> 0 AND pronamespace = pg_my_temp_schema()`,
  locks: `SELECT name FROM (${LOCKS}) AS l`,
} as const;

type Kind = keyof typeof HELD;
const KINDS = Object.keys(HELD) as Kind[];

/**
 * An expression that answers the state of the session as JSON, but for {@link SessionState.lent}.
 * @param kind a session of our own was opened for the run and holds nothing: its lists cost most of the first look. The embedded
 * database sets something when it opens
 */
export function stateExpression(kind: Session['kind']): string {
  const lent = kind === 'given';
  const settings = `SELECT json_agg(json_build_array(name, current_setting(name))) FROM pg_settings WHERE ${OF_SESSION}`;
  const held = (kind: Kind): string =>
    lent ? `(SELECT coalesce(json_agg(name), '[]') FROM (${HELD[kind]}) AS h)` : "'[]'::json";
  return `json_build_object('user', session_user, 'role', current_setting('role'),
    'settings', ${kind === 'server' ? "'[]'::json" : `coalesce((${settings}), '[]')`},
    ${KINDS.map((kind) => `'${kind}', ${held(kind)}`).join(', ')})`;
}

/** Takes away everything of a kind; locks have no such statement that would leave ours. */
const ALL: { readonly [K in Exclude<Kind, 'channels'>]: string | null } = {
  prepared: 'DEALLOCATE ALL',
  cursors: 'CLOSE ALL',
  temporary: 'DISCARD TEMP',
  locks: null,
};

const ONE = { prepared: 'DEALLOCATE', cursors: 'CLOSE' } as const;

/** The channels as they were: one that a transaction listens on is in no list before its commit. */
const listening = (channels: readonly string[]): string[] => [
  'UNLISTEN *',
  ...channels.map((name) => `LISTEN ${quote(name)}`),
];

/**
 * The statements that make the session what it was. The last one answers what could not be taken away as a whole, a row each; see
 * {@link leavesLocks}.
 * @param then settings for the transaction that is open: RESET ALL takes those of the step with it
 */
export function resetStatements(state: SessionState, then: Settings | null): string[] {
  const config = ([name, value]: readonly [string, string], local: boolean): string =>
    `set_config(${literal(name)}, ${literal(value)}, ${local})`;
  const back = [
    ...state.settings.map((setting) => config(setting, false)),
    ...[...(state.custom ?? [])].map(
      ([name, value]) =>
        `CASE WHEN current_setting(${literal(name)}, true) IS DISTINCT FROM ${literal(value)} THEN ${config([name, value ?? ''], false)} END`,
    ),
    // Only a superuser may do it; who is the same may not even ask.
    `CASE WHEN session_user <> ${literal(state.user)} THEN ${config(['session_authorization', state.user], false)} END`,
    config(['role', state.role], false),
    ...(then ?? []).map((setting) => config(setting, true)),
  ];
  const listed = KINDS.filter((kind) => kind !== 'channels');
  const rest = listed
    .filter((kind) => ALL[kind] === null || state[kind].length > 0)
    .map(
      (kind) =>
        `SELECT '${kind}' AS kind, name::text FROM (${HELD[kind]}) AS h WHERE name::text <> ALL (${array(state[kind])})`,
    );
  // Whether something runs with each definition from now on.
  if (then !== null) rest.push("SELECT 'listens', evtname FROM pg_event_trigger WHERE evtenabled <> 'D'");
  // A setting that no list shows, such as app.tenant of the owner's, would not come back from RESET ALL.
  if (state.lent)
    rest.push(
      `SELECT 'setting', name FROM pg_settings WHERE ${OF_SESSION} AND name <> ALL (${array([...state.settings, ...(then ?? [])].map(([name]) => name))})`,
    );
  return [
    // What is put off to the end of the transaction belongs to the step: it sees the session as the step left it.
    ...(then === null ? [] : ['SET CONSTRAINTS ALL IMMEDIATE']),
    'RESET SESSION AUTHORIZATION',
    ...(state.lent ? (then ?? []).map(([name]) => `RESET ${quote(name)}`) : ['RESET ALL']),
    `SELECT ${back.join(', ')}`,
    ...listed.flatMap((kind) => (state[kind].length === 0 ? (ALL[kind] ?? []) : [])),
    ...listening(state.channels),
    'DISCARD SEQUENCES',
    rest.join(' UNION ALL '),
  ];
}

/** The role of a script: it begins with this, and comes back to it behind every revision. */
export const roleScript = (role: string | null): string[] =>
  role === null ? [] : [`SET ROLE ${quote(role)}`];

/** Whoever the statements of a revision have become: for the rest of a transaction the script is itself. */
export const ownRoleScript = (role: string | null): string[] => [
  'SET LOCAL SESSION AUTHORIZATION DEFAULT',
  `SET LOCAL ROLE ${role === null ? 'NONE' : quote(role)}`,
];

/** Gives back every advisory lock of the session; what was taken for a transaction goes with that. */
export const UNLOCK_ALL = 'DO $$ BEGIN PERFORM pg_catalog.pg_advisory_unlock_all(); END $$';

/** The same for a script, whose session is taken to have held nothing before; locks are given back apart. */
export function freshSession(inTransaction: boolean, role: string | null): string[] {
  return [
    ...(inTransaction ? ['SET CONSTRAINTS ALL IMMEDIATE'] : []),
    'RESET SESSION AUTHORIZATION',
    'RESET ROLE',
    ...roleScript(role),
    'RESET ALL',
    ...Object.values(ALL).flatMap((statement) => statement ?? []),
    'UNLISTEN *',
    'DISCARD SEQUENCES',
  ];
}

const array = (names: readonly string[]): string => `ARRAY[${names.map(literal).join(', ')}]::text[]`;

/**
 * Makes the session what it was: one round trip where nothing is left but what can be taken away as a whole.
 * @param then null outside a transaction; else settings for the one that is open
 * @returns advisory locks that may be left: in a transaction they can't be told from those that end with it
 */
export async function resetSession(
  client: Queryable,
  state: SessionState,
  then: Settings | null = null,
): Promise<readonly string[]> {
  const rows = lastRows(await client.query(resetStatements(state, then).join('; ')));
  const of = (kind: string): string[] => rows.flatMap((row) => (row.kind === kind ? [String(row.name)] : []));
  const statements = [
    ...(['prepared', 'cursors'] as const).flatMap((kind) =>
      of(kind).map((name) => `${ONE[kind]} ${quote(name)}`),
    ),
    ...of('setting').map((name) => `RESET ${name.split('.').map(quote).join('.')}`),
  ];
  if (statements.length > 0) await client.query(statements.join('; '));
  if (of('temporary').length > 0) await dropTemporary(client, of('temporary'));
  const locks = of('locks');
  if (locks.length > 0 && then === null) await releaseLocks(client, state);
  return locks;
}

/** Types first: what a range brings with it goes with the range only. */
const DROP = `SELECT format('DROP TYPE IF EXISTS %s CASCADE', oid::regtype) AS sql
  FROM pg_type WHERE oid = ANY ($1::oid[]) AND typnamespace = pg_my_temp_schema()
  UNION ALL SELECT format('DROP %s IF EXISTS %s CASCADE',
    CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END, oid::regclass)
  FROM pg_class WHERE oid = ANY ($1::oid[]) AND relnamespace = pg_my_temp_schema()
  UNION ALL SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', oid::regprocedure)
  FROM pg_proc WHERE oid = ANY ($1::oid[]) AND pronamespace = pg_my_temp_schema()`;

async function dropTemporary(client: Queryable, oids: string[]): Promise<void> {
  const { rows } = await client.query(DROP, [oids]);
  await client.query(rows.map(({ sql }) => String(sql)).join('; '));
}

const UNLOCK = `SELECT CASE WHEN objsubid = 1
    THEN CASE WHEN shared THEN pg_advisory_unlock_shared(big) ELSE pg_advisory_unlock(big) END
    ELSE CASE WHEN shared THEN pg_advisory_unlock_shared(one, two) ELSE pg_advisory_unlock(one, two) END END AS released
  FROM (SELECT *, (classid::bigint << 32) | objid::bigint AS big,
               classid::bigint::bit(32)::int AS one, objid::bigint::bit(32)::int AS two FROM (${LOCKS}) AS l) AS l
  WHERE name <> ALL ($1::text[])`;

const ownRole = ({ role }: SessionState): string =>
  `SET LOCAL SESSION AUTHORIZATION DEFAULT; SELECT set_config('role', ${literal(role)}, true)`;

/** For the rest of the transaction that is open the role is the one that the run began with. */
export async function becomeOwnRole(client: Queryable, state: SessionState): Promise<void> {
  await client.query(ownRole(state));
}

/** Runs `action`, a write of ours, as the role that the run began with; after it the role is again what it was. */
export async function asOwnRole(
  client: Queryable,
  state: SessionState,
  action: () => Promise<void>,
): Promise<void> {
  await client.query(`BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; ${ownRole(state)}`);
  let commits = false;
  await ended(
    async () => {
      await action();
      commits = true;
    },
    () => client.query(commits ? 'COMMIT' : 'ROLLBACK'),
  );
}

/** Gives back the advisory locks that were not held; one that was taken several times has to be given back as often. */
export async function releaseLocks(client: Queryable, { locks }: SessionState): Promise<void> {
  for (;;) {
    const { rows } = await client.query(UNLOCK, [[...locks]]);
    if (!rows.some(({ released }) => released === true)) return;
  }
}
