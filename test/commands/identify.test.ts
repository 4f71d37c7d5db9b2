import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  buildCatalogue,
  checkCatalogue,
  doctor,
  type Event,
  identify,
  loadProject,
  repair,
  stamp,
  upgrade,
} from '../../lib/index.js';
import { catalogueOf } from '../support/catalogue.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql, temporaryFolder } from '../support/project.js';
import { releaseSql } from '../support/releases.js';

/* Databases of real releases, rendered from their facts (fixtures/whisperengine), and what the evidence says of them. */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const options = () => ({ revisions: 'revisions', database: database.url });

async function restore(release: string, more = ''): Promise<void> {
  await database.query(`${releaseSql(release)}\n;${more}`);
}

const WITHOUT_TABLE = 'DROP TABLE IF EXISTS public.alembic_version';
const AFTER_336CE = [
  '20251019_conv_summaries',
  'b06ced8ecd14',
  'a71d62f22c10',
  '27e207ded5a0',
  'ab68d77b5088',
  '9c23e4e81011',
  'c64001afbd46',
];

test('v1.0.6: the baseline, not head, so that every later revision runs', async () => {
  await restore('v1.0.6');
  const found = await identify(options());
  expect(found).toMatchObject({
    state: 'legacy',
    match: 'exact',
    stamp: ['20251011_baseline_v106'],
    undetermined: [],
  });
  expect(found.willRun).toHaveLength(23);
  expect(found.foreign).toContain('table public.schema_migrations');
});

test('v1.0.24 without its version table: 336ce8830dfe on evidence, seven to run', async () => {
  await restore('v1.0.24', WITHOUT_TABLE);
  const found = await identify(options());
  expect(found).toMatchObject({ match: 'exact', stamp: ['336ce8830dfe'] });
  expect([...found.willRun].sort()).toEqual([...AFTER_336CE].sort());
});

test('v1.0.28 without its version table: the lowest that fits; what leaves no evidence may run again', async () => {
  await restore('v1.0.28', WITHOUT_TABLE);
  const found = await identify(options());
  expect(found).toMatchObject({ match: 'exact', stamp: ['a71d62f22c10'] });
  expect([...found.undetermined].sort()).toEqual([
    '27e207ded5a0',
    '9c23e4e81011',
    'ab68d77b5088',
    'c64001afbd46',
  ]);
});

test('v1.0.2: refused, with the nearest candidate and its difference', async () => {
  await restore('v1.0.2');
  const found = await identify(options());
  expect(['none', 'near']).toContain(found.match);
  expect(found.candidates[0]?.score).toBeGreaterThan(40);
});

describe('what decides nothing', () => {
  test.each([
    ['a table count', 'CREATE TABLE x1 (id int); CREATE TABLE x2 (id int); CREATE TABLE x3 (id int)'],
    ['emoji columns', 'ALTER TABLE characters ADD COLUMN emoji_mood text'],
    [
      'indexes of a DBA, comments and an extension',
      "CREATE INDEX dba ON characters (occupation); COMMENT ON TABLE characters IS 'ours'; CREATE EXTENSION pgcrypto",
    ],
  ])('%s', async (_, sql) => {
    await restore('v1.0.6', sql);
    expect(await identify(options())).toMatchObject({ match: 'exact', stamp: ['20251011_baseline_v106'] });
  });
});

test('a version table is a claim, the schema is the proof', async () => {
  await restore('v1.0.6');
  await stamp({ ...options(), target: ['a1b2c3d4e5f6'], confirmed: true });
  expect(await identify(options())).toMatchObject({
    state: 'contradicted',
    claimed: ['a1b2c3d4e5f6'],
    stamp: ['20251011_baseline_v106'],
  });
});

test('after every revision of the graph the least and the greatest solution bracket the truth, without disagreement', async () => {
  const ids = (await loadProject('revisions')).graph.ids;
  const done: string[] = [];
  for (const revision of ids) {
    await upgrade({ ...options(), target: revision });
    done.push(revision);
    const { match, applied, undetermined } = await identify(options());
    expect({ revision, match }).toEqual({ revision, match: 'exact' });
    for (const id of applied) expect(done).toContain(id);
    for (const id of done) expect([...applied, ...undetermined]).toContain(id);
  }
});

describe('stamp by evidence, then upgrade', () => {
  const assistant = "INSERT INTO characters (name, normalized_name) VALUES ('AI Assistant', 'assistant')";
  const counts = async () =>
    (
      await database.query(
        'SELECT (SELECT count(*) FROM personality_traits)::int AS traits, (SELECT count(*) FROM communication_styles)::int AS styles, (SELECT count(*) FROM character_values)::int AS values',
      )
    )[0];

  test.each([
    ['v1.0.6', '20251011_baseline_v106', 23],
    ['v1.0.24', '336ce8830dfe', 7],
    ['v1.0.28', 'a71d62f22c10', 4],
  ])('%s without a version table: %s, and %i to run', async (release, revision, pending) => {
    await restore(release, `${WITHOUT_TABLE}; ${assistant}`);
    const { to, why } = await stamp({ ...options(), auto: true });
    expect([to, why]).toEqual([[revision], expect.stringContaining('by evidence')]);
    const { steps } = await upgrade({ ...options(), target: 'head' });
    expect(steps).toHaveLength(pending);
    expect(await counts()).toEqual({ traits: 5, styles: 1, values: 3 });
    expect(await identify(options())).toMatchObject({
      state: 'current',
      claimed: ['c64001afbd46'],
      match: 'exact',
    });
  });

  test('v1.0.2 is refused with the nearest candidates, and nothing is written', async () => {
    await restore('v1.0.2');
    await expect(stamp({ ...options(), auto: true })).rejects.toMatchObject({
      code: 'unidentified',
      exitValue: 4,
    });
    expect(
      await database.query(
        "SELECT to_regclass('revgraph_version') AS v, to_regclass('revgraph_ledger') AS l",
      ),
    ).toEqual([{ v: null, l: null }]);
  });

  test('an empty database needs no stamp', async () => {
    expect(await stamp({ ...options(), auto: true })).toMatchObject({ to: [], why: 'the database is empty' });
  });

  test('a version table that says something else is not replaced without a word', async () => {
    await restore('v1.0.6');
    await stamp({ ...options(), target: ['a1b2c3d4e5f6'], confirmed: true });
    await expect(stamp({ ...options(), auto: true })).rejects.toMatchObject({ code: 'confirmation_needed' });
    expect(await stamp({ ...options(), auto: true, confirmed: true })).toMatchObject({
      to: ['20251011_baseline_v106'],
    });
  });
});

describe('the catalogue', () => {
  const a = sql('a', { upgrade: 'CREATE TABLE t (id int);', downgrade: 'DROP TABLE t;' });

  test('of the reference graph is up to date, and is what a replay gives', async () => {
    expect(await checkCatalogue({ revisions: 'revisions' })).toMatchObject({ ok: true, stale: [] });
    const folder = temporaryFolder();
    cpSync('revisions', folder, { recursive: true });
    const before = readFileSync('revisions/catalogue.json', 'utf8');
    const { file } = await catalogueOf(folder);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('says what is stale: a new, an edited, and a removed revision', async () => {
    const folder = folderWith({
      'a.sql': a,
      'b.sql': sql('b', { revises: 'a', upgrade: 'SELECT 1;', downgrade: 'SELECT 1;' }),
    });
    await catalogueOf(folder);
    rmSync(join(folder, 'b.sql'));
    writeFileSync(join(folder, 'a.sql'), a.replace('id int', 'id bigint'));
    writeFileSync(
      join(folder, 'c.sql'),
      sql('c', { revises: 'a', upgrade: 'SELECT 1;', downgrade: 'SELECT 1;' }),
    );
    expect((await checkCatalogue({ revisions: folder })).stale).toEqual([
      { revision: 'a', why: 'it has been edited since' },
      { revision: 'c', why: 'it is not in the catalogue' },
      { revision: 'b', why: 'its file no longer exists' },
    ]);
    await expect(identify({ revisions: folder, database: database.url })).rejects.toMatchObject({
      code: 'catalogue_stale',
    });
  });

  test('two orders that end in different schemas are named, with the difference', async () => {
    const folder = folderWith({
      'a.sql': a,
      'b.sql': sql('b', {
        revises: 'a',
        upgrade: 'ALTER TABLE t ALTER id TYPE varchar(10);',
        downgrade: 'SELECT 1;',
      }),
      'c.sql': sql('c', {
        revises: 'a',
        upgrade: 'ALTER TABLE t ALTER id TYPE varchar(20);',
        downgrade: 'SELECT 1;',
      }),
    });
    const error = await catalogueOf(folder).catch((thrown) => thrown);
    expect(error).toMatchObject({
      code: 'order_matters',
      details: {
        orders: [
          ['a', 'b', 'c'],
          ['a', 'c', 'b'],
        ],
        missing: ['column public.t.id: character varying(20)'],
        unexpected: ['column public.t.id: character varying(10)'],
      },
    });
  });

  /* What two lines make or drop, each only where it comes first, is nobody's evidence; and what was just replayed is sound. */
  const revision = (id: string, revises: string | undefined, upgrade: string) =>
    sql(id, { ...(revises === undefined ? {} : { revises }), upgrade, downgrade: 'SELECT 1;' });
  const SHARED: Record<string, Record<string, string>> = {
    'made on two lines': {
      'a.sql': a,
      'b.sql': revision('b', 'a', 'CREATE TABLE IF NOT EXISTS x (id int); CREATE TABLE b (id int);'),
      'c.sql': revision('c', 'a', 'CREATE TABLE IF NOT EXISTS x (id int);'),
    },
    'dropped on two lines': {
      'a.sql': revision('a', undefined, 'CREATE TABLE t (id int);'),
      'b.sql': revision('b', 'a', 'CREATE TABLE x (id int); INSERT INTO t VALUES (1);'),
      'c.sql': revision('c', 'b', 'DROP TABLE IF EXISTS x; ALTER TABLE t ADD a int;'),
      'd.sql': revision('d', 'b', 'DROP TABLE IF EXISTS x; ALTER TABLE t ADD b int;'),
      'e.sql': sql('e', { revises: 'c, d' }),
    },
    'made on two lines and dropped after their merge': {
      'a.sql': revision('a', undefined, 'CREATE TABLE t (id int);'),
      'b.sql': revision('b', 'a', 'CREATE TABLE IF NOT EXISTS x (id int);'),
      'c.sql': revision('c', 'a', 'CREATE TABLE IF NOT EXISTS x (id int);'),
      'd.sql': sql('d', { revises: 'b, c' }),
      'e.sql': revision('e', 'd', 'DROP TABLE IF EXISTS x; INSERT INTO t VALUES (42);'),
    },
    'made on one line and dropped on another': {
      'a.sql': revision('a', undefined, 'CREATE TABLE t (id int);'),
      'b.sql': revision('b', 'a', 'CREATE TABLE f (id int);'),
      'c.sql': revision('c', 'a', 'DROP TABLE IF EXISTS f; CREATE TABLE c (id int);'),
      'd.sql': revision('d', 'b, c', 'DROP TABLE IF EXISTS f; ALTER TABLE t ADD z int;'),
    },
    'passing through two lines': {
      'a.sql': revision('a', undefined, 'CREATE TABLE t (id int);'),
      'b.sql': revision('b', 'a', 'CREATE TABLE IF NOT EXISTS x (id int);'),
      'c.sql': revision('c', 'b', 'DROP TABLE IF EXISTS x; ALTER TABLE t ADD a int;'),
      'd.sql': revision('d', 'a', 'CREATE TABLE IF NOT EXISTS x (id int); INSERT INTO t VALUES (7);'),
      'e.sql': revision('e', 'd', 'DROP TABLE IF EXISTS x; ALTER TABLE t ADD b int;'),
      'f.sql': sql('f', { revises: 'c, e' }),
    },
  };

  test.each(Object.entries(SHARED))('what is %s is no evidence', async (_, files) => {
    const folder = folderWith(files);
    const warnings: string[] = [];
    // On a server: the other order has a database of its own.
    const { entries } = await buildCatalogue({
      revisions: folder,
      database: database.url,
      onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
    });
    expect(entries.flatMap(({ adds, removes }) => [...adds, ...removes]).join()).not.toMatch(
      /public\.[xf]\b/,
    );
    expect(warnings).toEqual([expect.stringMatching(/not usable as evidence, .*table public\.[xf]\b/)]);
    const at = { revisions: folder, database: database.url };
    expect(await doctor(at)).toMatchObject({ ok: true, findings: [] });
    expect((await repair(at)).steps).toEqual([]);
    expect(['exact', 'ambiguous']).toContain((await identify(at)).match);
  });

  test('a transient object of two lines certifies neither', async () => {
    const folder = folderWith(SHARED['passing through two lines'] as Record<string, string>);
    await catalogueOf(folder);
    await upgrade({ revisions: folder, database: database.url, target: 'b' });
    await database.query('DROP TABLE revgraph_version, revgraph_ledger');
    const found = await identify({ revisions: folder, database: database.url });
    expect(found.applied).toEqual(['a']);
    expect(found).toMatchObject({ match: 'ambiguous', unsettled: expect.arrayContaining(['b', 'd']) });
  });

  test('is built on an empty database only', async () => {
    await database.query('CREATE TABLE theirs (id int)');
    await expect(
      buildCatalogue({ revisions: folderWith({ 'a.sql': a }), database: database.url }),
    ).rejects.toMatchObject({
      code: 'database_not_empty',
      message: expect.stringContaining('empty database'),
    });
  });

  test('that was edited or merged by hand is refused', async () => {
    const folder = folderWith({ 'a.sql': a });
    const { file } = await catalogueOf(folder);
    writeFileSync(file, readFileSync(file, 'utf8').replace('id: integer', 'id: bigint'));
    await expect(checkCatalogue({ revisions: folder })).rejects.toMatchObject({
      code: 'catalogue_invalid',
      message: expect.stringContaining('manually'),
    });
  });

  test('that is missing is a clear error', async () => {
    const folder = folderWith({ 'a.sql': a });
    await expect(identify({ revisions: folder, database: database.url })).rejects.toMatchObject({
      code: 'catalogue_missing',
    });
  });
});

describe('the evidence can be overruled, by name and with a reason', () => {
  test('and the ledger keeps both', async () => {
    await restore('v1.0.6', "ALTER TABLE universal_users ALTER email SET DEFAULT 'x'");
    await expect(stamp({ ...options(), auto: true })).rejects.toMatchObject({ code: 'unidentified' });
    const revision = '20251011_baseline_v106';
    const unfounded = { ...options(), auto: true, override: { revision } as never };
    await expect(stamp(unfounded)).rejects.toMatchObject({ code: 'reason_missing' });
    const reason = 'the default was changed by hand';
    const { to, why } = await stamp({ ...options(), auto: true, override: { revision, reason } });
    expect(to).toEqual([revision]);
    expect(why).toMatch(
      /^the default was changed by hand \(overrules the evidence: drifted: .*, 2 facts differ\)$/,
    );
    expect(await database.query('SELECT message FROM revgraph_ledger')).toEqual([{ message: why }]);
  });
});

describe('probes and comments', () => {
  const project = (probe: string) =>
    folderWith({
      'a.sql': sql('aaaa', { upgrade: 'CREATE TABLE t (id int);', downgrade: 'DROP TABLE t;' }),
      'b.sql': sql('bbbb', {
        revises: 'aaaa',
        upgrade: 'INSERT INTO t VALUES (1);',
        downgrade: 'SELECT 1;',
        more: `-- @probe\n${probe}`,
      }),
    });
  const asked = async (probe: string) => {
    const revisions = project(probe);
    await catalogueOf(revisions);
    await database.query('CREATE TABLE t (id int)');
    const warnings: string[] = [];
    const onEvent = (event: Event) => event.type === 'warning' && warnings.push(event.message);
    return { found: await identify({ revisions, database: database.url, onEvent }), warnings };
  };

  test('a probe is asked read only, and one that says nothing is told of', async () => {
    const { found, warnings } = await asked('INSERT INTO t VALUES (2) RETURNING true;');
    expect(found.match).toBe('ambiguous');
    expect(warnings).toEqual([expect.stringMatching(/@probe of bbbb is ignored: .*read-only/)]);
    expect(await database.query('SELECT count(*)::int AS n FROM t')).toEqual([{ n: 0 }]);
  });

  test('a probe that gives no boolean, or several statements, breaks nothing', async () => {
    const { found, warnings } = await asked("SELECT 1; SELECT 'yes';");
    expect([found.match, warnings]).toEqual([
      'ambiguous',
      [expect.stringContaining('it returned "yes" instead of a boolean')],
    ]);
  });

  test('a probe is asked once, whoever wants to know', async () => {
    const revisions = project('SELECT 1;');
    await catalogueOf(revisions);
    await upgrade({ revisions, database: database.url });
    const warnings: string[] = [];
    const onEvent = (event: Event) => event.type === 'warning' && warnings.push(event.message);
    await doctor({ revisions, database: database.url, onEvent });
    expect(warnings).toHaveLength(1);
  });

  test('a comment that somebody wrote by hand settles nothing', async () => {
    const revisions = folderWith({
      'a.sql': sql('aaaa', { upgrade: 'CREATE TABLE t (id int);', downgrade: 'DROP TABLE t;' }),
      'b.sql': sql('bbbb', {
        revises: 'aaaa',
        upgrade: "COMMENT ON TABLE t IS 'T'; INSERT INTO t VALUES (1);",
        downgrade: 'SELECT 1;',
      }),
      'c.sql': sql('cccc', {
        revises: 'aaaa',
        upgrade: "COMMENT ON COLUMN t.id IS 'I';",
        downgrade: 'SELECT 1;',
      }),
    });
    await catalogueOf(revisions);
    await database.query("CREATE TABLE t (id int); COMMENT ON TABLE t IS 'T'");
    // Rows must not be written twice; a comment may.
    expect(await identify({ revisions, database: database.url })).toMatchObject({
      match: 'ambiguous',
      applied: ['aaaa'],
      unsettled: ['bbbb'],
    });
  });
});
