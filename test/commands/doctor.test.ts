import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Snapshot } from '../../lib/fingerprint/fact.js';
import { doctor, type Event, type RepairOptions, repair, stamp, status, upgrade } from '../../lib/index.js';
import { catalogueOf } from '../support/catalogue.js';
import { run } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';
import { factsOf, ROWS, referenceDatabase, releaseSql } from '../support/releases.js';

/* Version tables that lie, on the schemas of real releases: what the schema denies is named, and exactly that is run. */

const BASELINE = '20251011_baseline_v106';
const FALSE = 'a1b2c3d4e5f6';
const LONG = [
  'c5bc995c619f',
  '11f9e26c6345',
  '1fd48f6d9650',
  '2230add_keyword_templates',
  '8b77eda62e71',
  '7fbfdf63fb76',
  'drop_legacy_json',
  'phase1_2_cleanup',
  'drop_legacy_roleplay',
  'emoji_personality_cols',
  'eaae2e8f35f2',
  '5228ee1af938',
  '5891d5443712',
  FALSE,
];

let fresh: Snapshot;
beforeAll(async () => {
  const database = await referenceDatabase();
  fresh = await factsOf(database.url);
  await database.drop();
});

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const options = () => ({ revisions: 'revisions', database: database.url });
const restore = (release: string, more = '') => database.query(`${releaseSql(release)}\n;${ROWS}${more}`);
const ids = (steps: readonly { revision: string }[]) => steps.map(({ revision }) => revision);

/** What a legacy database lacks of a fresh one: comments, which no facts of a release hold. */
async function lacksOfFresh(): Promise<string[]> {
  const facts = await factsOf(database.url);
  return [
    ...[...fresh].filter((fact) => !facts.has(fact) && !fact.startsWith('comment on')).map((f) => `- ${f}`),
    ...[...facts].filter((fact) => !fresh.has(fact) && !fact.startsWith('comment on')).map((f) => `+ ${f}`),
  ].filter((line) => !/schema_migrations|^\+ (sequence|view) |\.stub: /.test(line));
}
const personality = async () =>
  (
    await database.query(
      'SELECT (SELECT count(*) FROM personality_traits)::int AS t, (SELECT count(*) FROM communication_styles)::int AS s, (SELECT count(*) FROM character_values)::int AS v',
    )
  )[0];

describe('a false stamp', () => {
  test('is found out revision by revision; repair runs exactly those; afterwards all is as in a fresh install', async () => {
    await restore('v1.0.6');
    await stamp({ ...options(), target: [FALSE], confirmed: true });
    const found = await doctor(options());
    expect(found).toMatchObject({ ok: false, state: 'contradicted', claimed: [FALSE], evidence: [BASELINE] });
    expect([...found.missing].sort()).toEqual([...LONG].sort());

    const repaired = await repair(options());
    expect(ids(repaired.steps)).toEqual(found.missing);
    expect([repaired.from, repaired.to]).toEqual([[FALSE], [FALSE]]);
    expect(await doctor(options())).toMatchObject({ ok: true, missing: [], findings: [] });

    expect((await upgrade({ ...options(), target: 'head' })).steps).toHaveLength(9);
    expect(await lacksOfFresh()).toEqual([]);
    const comments = [...fresh].filter((fact) => fact.startsWith('comment on column public.characters.'));
    const facts = await factsOf(database.url);
    expect(comments.filter((fact) => !facts.has(fact))).toEqual([]);
    expect(await personality()).toEqual({ t: 5, s: 1, v: 3 });
  });

  test('of head: the rows go down to what is there, and up with the steps', async () => {
    await restore('v1.0.6');
    await stamp({ ...options(), target: ['head'], confirmed: true });
    const repaired = await repair(options());
    expect(repaired.steps).toHaveLength(23);
    expect((await status(options())).state).toBe('current');
    expect(await lacksOfFresh()).toEqual([]);
    expect(await personality()).toEqual({ t: 5, s: 1, v: 3 });
    const [entry] = await database.query(
      "SELECT rows_from, rows_to, message FROM revgraph_ledger WHERE direction = 'stamp' ORDER BY entry DESC LIMIT 1",
    );
    expect(entry).toMatchObject({
      rows_from: ['c64001afbd46'],
      rows_to: [BASELINE],
      message: expect.stringContaining('repair: claimed, but never ran: '),
    });
  });

  test.each([1, 6, 9, 14])(
    'with later revisions on top: the %i that were skipped, and only those',
    async (count) => {
      await restore('v1.0.6');
      const skipped = LONG.slice(0, count);
      await stamp({ ...options(), target: [skipped.at(-1) as string], confirmed: true });
      const warnings: string[] = [];
      const onEvent = (event: Event) => event.type === 'warning' && warnings.push(event.message);
      await upgrade({ ...options(), target: 'head', onEvent });
      expect(warnings).toEqual([
        expect.stringContaining(
          `claims ${count === 1 ? '1 revision' : `${count} revisions`} that the schema contradicts`,
        ),
      ]);
      const found = await doctor(options());
      expect([...found.missing].sort()).toEqual([...skipped].sort());
      expect(ids((await repair(options())).steps)).toEqual(found.missing);
      expect((await doctor(options())).ok).toBe(true);
      expect(await lacksOfFresh()).toEqual([]);
      expect(await personality()).toEqual({ t: 5, s: 1, v: 3 });
    },
  );

  test('what ran later and found nothing to do, because what it takes away was never made, is run again', async () => {
    await restore('v1.0.6');
    await stamp({ ...options(), target: ['phase1_2_cleanup'], confirmed: true });
    await upgrade({ ...options(), target: 'head' });
    const { missing } = await doctor(options());
    expect(missing.slice(-2)).toEqual(['phase1_2_cleanup', 'drop_legacy_roleplay']);
    await repair(options());
    expect(await lacksOfFresh()).toEqual([]);
  });

  test('in a table of Alembic, with later revisions on top that only that table tells of', async () => {
    await restore('v1.0.6');
    await stamp({ ...options(), target: [FALSE], confirmed: true });
    await upgrade({ ...options(), target: 'head' });
    await database.query(
      'CREATE TABLE alembic_version (version_num varchar(32)); INSERT INTO alembic_version SELECT revision FROM revgraph_version; DROP TABLE revgraph_version, revgraph_ledger',
    );
    const { missing } = await doctor(options());
    expect([...missing].sort()).toEqual([...LONG].sort());
    await repair(options());
    expect(await lacksOfFresh()).toEqual([]);
    expect(await database.query('SELECT * FROM alembic_version')).toEqual([{ version_num: 'c64001afbd46' }]);
  });

  test('a crash in the middle leaves rows that claim what is there, and repair goes on', async () => {
    await restore('v1.0.6');
    await stamp({ ...options(), target: ['head'], confirmed: true });
    const stop = new AbortController();
    const stopped: RepairOptions = {
      ...options(),
      signal: stop.signal,
      onEvent: (event) => event.type === 'step-finished' && event.number === 5 && stop.abort(),
    };
    await expect(repair(stopped)).rejects.toMatchObject({ code: 'aborted' });
    expect(await doctor(options())).toMatchObject({ ok: true, missing: [], state: 'behind' });
    await upgrade({ ...options(), target: 'head' });
    expect(await lacksOfFresh()).toEqual([]);
  });
});

describe('the other side', () => {
  test('a head database with foreign tables, indexes, grants, comments and an extension is sound', async () => {
    await upgrade({ ...options(), target: 'head' });
    const tables = Array.from({ length: 20 }, (_, i) => `CREATE TABLE foreign_${i} (id int PRIMARY KEY)`);
    await database.query(`${tables.join(';')};
      CREATE INDEX dba_1 ON characters (occupation); CREATE INDEX dba_2 ON universal_users (created_at);
      GRANT SELECT ON characters TO PUBLIC; COMMENT ON COLUMN universal_users.email IS 'ask before use';
      CREATE EXTENSION pgcrypto; CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1';
      CREATE VIEW seen AS SELECT id FROM characters`);
    expect(await status(options())).toMatchObject({ state: 'current' });
    const found = await doctor(options());
    expect(found).toMatchObject({ ok: true, findings: [], missing: [], unclaimed: [] });
    for (const part of [
      'table public.foreign_7',
      'extension pgcrypto',
      'view public.seen',
      'function public.mine(): integer',
    ])
      expect(found.foreign).toContain(part);
    expect(found.foreign.filter((fact) => /^index .*dba_/.test(fact))).toHaveLength(2);
    const { exitValue, stdout } = await run(process.cwd(), ['doctor', '--url', database.url]);
    expect([exitValue, stdout]).toEqual([0, expect.stringContaining('foreign ')]);
    expect((await repair(options())).steps).toEqual([]);
  });

  test('drift is a finding of its own: nothing is run for it', async () => {
    await upgrade({ ...options(), target: 'head' });
    await database.query('DROP INDEX idx_universal_users_preferences_gin');
    expect(await doctor(options())).toMatchObject({
      ok: false,
      missing: [],
      findings: [{ code: 'drift', revision: 'a71d62f22c10', missing: [expect.stringContaining('gin')] }],
    });
    expect((await repair(options())).steps).toEqual([]);
  });

  test('rows that claim less than the schema has, and no version table at all', async () => {
    await upgrade({ ...options(), target: 'head' });
    await stamp({ ...options(), target: ['5891d5443712'], confirmed: true });
    const { unclaimed, findings } = await doctor(options());
    expect(unclaimed).toContain('336ce8830dfe');
    expect(findings.every(({ code }) => code === 'unclaimed')).toBe(true);
    await database.query('DROP TABLE revgraph_version');
    expect(await doctor(options())).toMatchObject({
      ok: false,
      claimed: [],
      findings: [{ code: 'no_version_table' }],
    });
  });

  test('an empty database is sound', async () => {
    expect(await doctor(options())).toMatchObject({ ok: true, state: 'empty', claimed: [], evidence: [] });
  });
});

describe('what repair can not do', () => {
  const table = (id: string, revises: string | undefined, upgrade: string, header?: string) =>
    sql(id, {
      ...(revises === undefined ? {} : { revises }),
      ...(header === undefined ? {} : { header }),
      upgrade,
      downgrade: 'SELECT 1;',
    });
  /* aaaa ── bbbb ── cccc (rows, may not run twice) ── dddd */
  const FILES = {
    'a.sql': table('aaaa', undefined, 'CREATE TABLE t (id int);'),
    'b.sql': table('bbbb', 'aaaa', 'CREATE TABLE u (id int);'),
    'c.sql': table('cccc', 'bbbb', 'INSERT INTO t VALUES (1);'),
    'd.sql': table('dddd', 'cccc', 'CREATE TABLE w (id int);'),
  };
  let revisions: string;
  let own: TestDatabase;
  const at = () => ({ revisions, database: own.url });
  beforeAll(async () => {
    own = await freshDatabase();
  });
  afterAll(() => own.drop());

  test('guess about rows: it says why, changes nothing, and takes an answer with a reason', async () => {
    revisions = folderWith(FILES);
    await run(revisions, ['catalogue', 'build', '--revisions', '.']);
    await own.query('CREATE TABLE t (id int)');
    await stamp({ ...at(), target: ['cccc'], confirmed: true });
    const before = await own.query('SELECT count(*)::int AS n FROM revgraph_ledger');
    await own.query('DELETE FROM revgraph_ledger');
    const refused = await repair(at()).catch((error) => error);
    expect(refused).toMatchObject({ code: 'repair_refused', exitValue: 4 });
    expect(refused.message).toContain('cccc is in the version table and follows a revision that never ran');
    expect(before).toEqual([{ n: 1 }]);
    expect(await own.query("SELECT to_regclass('u') AS u, (SELECT count(*) FROM t)::int AS n")).toEqual([
      { u: null, n: 0 },
    ]);
    await expect(repair({ ...at(), assumeRan: ['cccc'] })).rejects.toMatchObject({ code: 'reason_missing' });
    const done = await repair({ ...at(), run: ['cccc'], reason: 'the table is empty' });
    expect(ids(done.steps)).toEqual(['bbbb', 'cccc']);
    expect((await own.query('SELECT count(*)::int AS n FROM t'))[0]).toEqual({ n: 1 });
    expect(await own.query("SELECT message FROM revgraph_ledger WHERE direction = 'stamp'")).toMatchObject([
      { message: expect.stringContaining('the table is empty') },
    ]);
  });
});

describe('a revision that took away what was never made', () => {
  /* aaaa (t) ── bbbb (x) ── cccc (drops x, writes rows) */
  const project = (drop: string) =>
    folderWith({
      'a.sql': sql('aaaa', { upgrade: 'CREATE TABLE t (id int);', downgrade: 'SELECT 1;' }),
      'b.sql': sql('bbbb', { revises: 'aaaa', upgrade: 'CREATE TABLE x (id int); CREATE TABLE y (id int);' }),
      'c.sql': sql('cccc', { revises: 'bbbb', upgrade: `${drop}; INSERT INTO t VALUES (42);` }),
    });
  const start = async (drop: string, stamped: string) => {
    const revisions = project(drop);
    await catalogueOf(revisions);
    await database.query('CREATE TABLE t (id int)');
    await stamp({ revisions, database: database.url, target: [stamped], confirmed: true });
    return { revisions, database: database.url };
  };

  test('can not have run if it had to find it', async () => {
    const at = await start('DROP TABLE x', 'cccc');
    expect((await doctor(at)).missing).toEqual(['bbbb', 'cccc']);
    expect(ids((await repair(at)).steps)).toEqual(['bbbb', 'cccc']);
    expect(await database.query('SELECT id FROM t')).toEqual([{ id: 42 }]);
  });

  test('may have run if it need not find it: its rows are not written twice', async () => {
    const at = await start('DROP TABLE IF EXISTS x', 'bbbb');
    await upgrade({ ...at, target: 'head' });
    expect(await database.query('SELECT id FROM t')).toEqual([{ id: 42 }]);
    // The ledger knows that it ran; to run what is missing below it would bring back what it took away.
    await expect(repair(at)).rejects.toMatchObject({
      code: 'repair_refused',
      message: expect.stringContaining('table public.x'),
    });
    await database.query('DELETE FROM revgraph_ledger');
    await expect(repair(at)).rejects.toMatchObject({ code: 'repair_refused' });
    expect(await database.query('SELECT id FROM t')).toEqual([{ id: 42 }]);
  });
});

test('the command line: doctor exits 4 and names them, repair --dry-run shows and changes nothing', async () => {
  await restore('v1.0.6');
  await stamp({ ...options(), target: [FALSE], confirmed: true });
  const cwd = process.cwd();
  const said = await run(cwd, ['doctor', '--url', database.url]);
  expect(said.exitValue).toBe(4);
  for (const id of LONG) expect(said.stdout).toContain(id);
  const document = JSON.parse((await run(cwd, ['doctor', '--url', database.url, '--json'])).stdout);
  expect(document).toMatchObject({ claimed: [FALSE], evidence: [BASELINE], undetermined: [] });
  const dry = await run(cwd, ['repair', '--dry-run', '--url', database.url, '--json']);
  const { steps, dryRun, revisions } = JSON.parse(dry.stdout);
  expect([steps.length, dryRun, revisions.length]).toEqual([14, true, 15]);
  expect((await doctor(options())).missing).toHaveLength(14);
  const done = await run(cwd, ['repair', '--url', database.url]);
  expect(done).toMatchObject({ exitValue: 0, stdout: expect.stringContaining(`${FALSE}`) });
  expect(await run(cwd, ['doctor', '--url', database.url])).toMatchObject({ exitValue: 0 });
});
