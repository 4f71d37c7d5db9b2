import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { beforeEach, describe, expect, inject, test } from 'vitest';
import { buildCatalogue } from '../../lib/index.js';
import { run, start, until } from '../support/command-line.js';
import { freshDatabase } from '../support/databases.js';
import { sql, temporaryFolder } from '../support/project.js';

/* revgraph matrix: what it prints and writes, and how it ends. a ─ b; two old databases, both at a. */

const on = inject('serverUrl');
const CONFIG = {
  releases: { '1.0.0': 'a' },
  matrix: {
    starts: {
      old: { sql: './old/a.sql', rows: 'INSERT INTO t VALUES (1)', expect: { stamp: 'a', run: 1 } },
      'as new': { sql: ['./old/a.sql'], rows: './old/rows.sql' },
    },
    checks: [{ title: 'rows of old', sql: 'SELECT count(*) FROM t', expect: 1, starts: ['old'] }],
  },
};
let folder: string;
const write = (name: string, text: string) => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
};
const configure = (matrix: object) =>
  write('revgraph.config.json', JSON.stringify({ ...CONFIG, matrix: { ...CONFIG.matrix, ...matrix } }));

beforeEach(async () => {
  folder = temporaryFolder();
  write('revisions/a.sql', sql('a', { upgrade: 'CREATE TABLE t (id int);', downgrade: 'DROP TABLE t;' }));
  write(
    'revisions/b.sql',
    sql('b', { revises: 'a', upgrade: 'ALTER TABLE t ADD b int;', downgrade: 'ALTER TABLE t DROP b;' }),
  );
  write('old/a.sql', 'CREATE TABLE public.t (id int);');
  write('old/rows.sql', 'INSERT INTO t VALUES (1), (2);');
  configure({});
  const database = await freshDatabase();
  await buildCatalogue({ revisions: join(folder, 'revisions'), database: database.url });
  await database.drop();
});

const matrix = (...args: string[]) => run(folder, ['matrix', '--on', on, ...args]);

test('every path, as a table; progress aside', async () => {
  const { exitValue, stdout, stderr } = await matrix();
  expect({ exitValue, stdout }).toMatchObject({ exitValue: 0 });
  const rows = stdout.split('\n').map((line) => line.trim().split(/ {2,}/));
  expect(rows[2]).toEqual(['old', 'legacy', 'a', '1', '1 of 1', 'yes', 'nothing', '1', 'ok']);
  expect(rows.slice(2, 6).map(([start, state]) => [start, state])).toEqual([
    ['old', 'legacy'],
    ['as new', 'legacy'],
    ['fresh', 'empty'],
    ['release 1.0.0', 'behind'],
  ]);
  expect(stderr.match(/^ok {2}/gm)).toHaveLength(4);
  expect(stdout + stderr).not.toContain('only-for-tests');
});

test('the configuration is found from another folder, its paths are its own', async () => {
  const away = temporaryFolder();
  const { exitValue, stdout } = await run(away, [
    ...['matrix', '--on', on, '--start', 'old', '--config', join(folder, 'revgraph.config.json')],
    ...['--revisions', join(folder, 'revisions')],
  ]);
  expect({ exitValue, stdout }).toMatchObject({
    exitValue: 0,
    stdout: expect.stringContaining('1 of 1 path passed'),
  });
});

test('a wrong check and a broken start: exit value 1, the others go on, and every report says so', async () => {
  write('old/broken.sql', 'CREATE TABLE t (id int);\nINSERT INTO nowhere VALUES (1);');
  configure({
    starts: { ...CONFIG.matrix.starts, broken: { sql: './old/broken.sql' } },
    checks: [{ title: 'rows of old', sql: 'SELECT count(*) FROM t', expect: 5, starts: ['old'] }],
  });
  const { exitValue, stdout } = await matrix(
    '--json',
    '--junit',
    'out/junit.xml',
    '--markdown',
    'out/paths.md',
    '--html',
    'out/paths.html',
  );
  expect(exitValue).toBe(1);
  const document = JSON.parse(stdout) as { ok: boolean; paths: { start: string; ok: boolean }[] };
  expect([document.ok, document.paths.map(({ start, ok }) => [start, ok])]).toEqual([
    false,
    [
      ['old', false],
      ['as new', true],
      ['broken', false],
      ['fresh', true],
      ['release 1.0.0', true],
    ],
  ]);
  const xml = readFileSync(join(folder, 'out/junit.xml'), 'utf8');
  expect(xml.match(/<failure /g)).toHaveLength(2);
  expect(xml).toContain('old/broken.sql:2: ');
  const markdown = readFileSync(join(folder, 'out/paths.md'), 'utf8');
  expect(markdown).toContain('3 of 5 passed');
  expect(markdown).toContain('"rows of old": expected 5, found 1.');
  const html = readFileSync(join(folder, 'out/paths.html'), 'utf8');
  expect(html).toContain('3 of 5 paths passed');
  expect(html).toContain('&quot;rows of old&quot;: expected 5, found 1.');
  expect(stdout + xml + markdown + html).not.toMatch(/only-for-tests|\n\s+at /);
  const text = await matrix('--start', 'broken');
  expect([text.exitValue, text.stdout]).toEqual([
    1,
    expect.stringMatching(/FAILED {2}broken\n {2}restore: .*broken\.sql:2: .*nowhere.*\[restore_failed\]/),
  ]);
});

test('some starts and some targets', async () => {
  const { exitValue, stdout } = await matrix(
    ...['--start', 'old', '--start', 'fresh', '--target', 'v1.0.0', 'heads', '--quiet'],
    ...['--config', 'revgraph.config.json'],
  );
  expect(exitValue).toBe(0);
  expect(stdout.match(/^(old|fresh) +(v1\.0\.0|heads) .* ok$/gm)).toHaveLength(4);
});

describe('exit value 2', () => {
  test.each<[string, object, string[], RegExp]>([
    [
      'an unknown start',
      {},
      ['--start', 'older'],
      /Start "older" does not exist\.[\s\S]*old, as new, fresh, release 1\.0\.0/,
    ],
    ['a missing file', { starts: { x: { sql: 'no.sql' } }, checks: [] }, [], /"x" needs no\.sql/],
    ['no start', { starts: {}, fresh: false, releases: false, checks: [] }, [], /no start/],
    ['a wrong word', { starts: { x: { sql: 'a.sql', expects: {} } } }, [], /matrix\.starts\.x: .*expects/],
    ['a database of somebody', {}, ['--url', 'postgresql://me:word@host/db'], /--url has no effect/],
    ['a place that is none', {}, ['--on', 'mysql://me:word@host/db'], /"mysql:\/\/…" is not a database URL/],
  ])('%s', async (_, config, args, message) => {
    configure(config);
    const place = args.includes('--on') ? [] : ['--on', on];
    const { exitValue, stdout, stderr } = await run(folder, ['matrix', ...place, ...args]);
    expect([exitValue, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/:word@|\n\s+at /);
  });

  test('a report that has no place', async () => {
    const { exitValue, stderr } = await matrix('--start', 'fresh', '--junit', 'revgraph.config.json/x.xml');
    expect([exitValue, stderr]).toEqual([2, expect.stringMatching(/x\.xml could not be written/)]);
  });
});

test('an interrupt stops it, drops what was made, and the exit value is 130', async () => {
  const database = await freshDatabase();
  const role = `matrix_${database.name}`;
  const owned = () =>
    database.query(
      `SELECT datname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE rolname = '${role}'`,
    );
  await database.query(`CREATE ROLE ${role} LOGIN CREATEDB PASSWORD 'word'`);
  write('old/slow.sql', 'SELECT pg_sleep(3);');
  configure({ starts: { ...CONFIG.matrix.starts, slow: { sql: './old/slow.sql' } } });
  const url = on.replace('postgres:only-for-tests', `${role}:word`);
  const { child, finished } = start(folder, ['matrix', '--on', url, '--json']);
  await until(async () => (await owned()).length > 0, 'a database');
  child.kill('SIGINT');
  const { exitValue, stdout } = await finished;
  expect([exitValue, JSON.parse(stdout)]).toEqual([
    130,
    { error: expect.objectContaining({ code: 'aborted' }) },
  ]);
  expect(await owned()).toEqual([]);
  await database.query(`DROP ROLE ${role}`);
  await database.drop();
});

test('on PGlite, where no server is named', async () => {
  const { exitValue, stdout } = await run(folder, ['matrix', '--start', 'old', 'fresh']);
  expect([exitValue, stdout]).toEqual([0, expect.stringContaining('2 of 2 paths passed, on PGlite')]);
});

test('Ctrl-C ends a statement that never would, drops its database, and says so', async () => {
  write('old/a.sql', 'SELECT pg_sleep(987)');
  await buildCatalogue({ revisions: join(folder, 'revisions') });
  const asleep = async () => {
    const client = new pg.Client({ connectionString: on });
    await client.connect();
    const { rowCount } = await client.query(
      "SELECT FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(987)'",
    );
    await client.end();
    return (rowCount ?? 0) > 0;
  };
  const matrix = start(folder, ['matrix', '--on', on, '--start', 'old']);
  await until(asleep, 'the statement that sleeps');
  matrix.child.kill('SIGINT');
  const { exitValue, stderr } = await matrix.finished;
  expect([exitValue, stderr]).toEqual([130, expect.stringContaining('in the matrix')]);
  expect(await asleep()).toBe(false);
});
