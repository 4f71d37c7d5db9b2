import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newDb } from 'pg-mem';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readContents } from '../../lib/database/catalog/contents.js';
import { withSession } from '../../lib/database/connection/connect.js';
import { boot, type DataLoss, downgrade, type Event, isRevgraphError, upgrade } from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';
import { countingProxy } from '../support/proxy.js';
import { factsOf } from '../support/releases.js';

async function fresh(before = ''): Promise<TestDatabase> {
  const database = await freshDatabase();
  onTestFinished(() => database.drop());
  if (before !== '') await database.query(before);
  return database;
}

/** All of a database: its schema, and a word per table for its rows. */
async function everything({ url }: TestDatabase): Promise<unknown> {
  const contents = await withSession(url, {}, (session) => readContents(session));
  return [[...(await factsOf(url)).keys()].sort(), [...contents]];
}

async function errorOf(action: Promise<unknown>): Promise<unknown> {
  return action.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
}

const ORPHANS = `
  CREATE TABLE topics (id int PRIMARY KEY); CREATE TABLE contents (topic_id int);
  INSERT INTO contents VALUES (7);`;
const KEY = 'ALTER TABLE contents ADD FOREIGN KEY (topic_id) REFERENCES topics;';
const TABLES = {
  'a.sql': sql('a', { upgrade: 'CREATE TABLE one (id int, note text);', downgrade: 'DROP TABLE one;' }),
  'b.sql': sql('b', { revises: 'a', upgrade: 'CREATE TABLE two (id int);', downgrade: 'DROP TABLE two;' }),
  'c.sql': sql('c', {
    revises: 'b',
    header: '-- @loses "the notes that were there before"',
    upgrade: 'ALTER TABLE one ADD COLUMN more int;',
    downgrade: 'ALTER TABLE one DROP COLUMN more;',
  }),
};

describe('upgrade and boot', () => {
  test('refuse before step one what would fail later, and leave everything as it was', async () => {
    const database = await fresh(ORPHANS);
    const revisions = folderWith({
      'a.sql': sql('a', { upgrade: 'CREATE TABLE fine (id int);' }),
      'b.sql': sql('b', { revises: 'a', upgrade: 'CREATE TABLE early (id int);' }),
      'c.sql': sql('c', { revises: 'b', upgrade: KEY }),
    });
    const options = { revisions, database: database.url };
    await upgrade({ ...options, target: 'a' });
    const before = await everything(database);
    for (const refusal of [await errorOf(upgrade(options)), await errorOf(boot(options))]) {
      if (!isRevgraphError(refusal, 'preflight_refused')) throw refusal;
      expect(refusal.details.checks).toMatchObject([{ name: 'orphans', revision: 'c' }]);
      expect(refusal.message).toContain('1 row of contents without a referenced row (topic_id: 7)');
      expect(refusal.message).toContain('NOT VALID');
      expect(await everything(database)).toEqual(before);
    }
    const failed = await errorOf(upgrade({ ...options, preflight: 'off' }));
    expect(isRevgraphError(failed, 'step_failed') && failed.details.applied).toEqual(['b']);
  });

  test('warn of what they lose, and go on', async () => {
    const database = await fresh('CREATE TABLE old (id int); INSERT INTO old VALUES (1), (2)');
    const events: Event[] = [];
    const revisions = folderWith({ 'a.sql': sql('a', { upgrade: 'DROP TABLE old;' }) });
    await upgrade({ revisions, database: database.url, onEvent: (event) => events.push(event) });
    expect(events.filter(({ type }) => type === 'warning')).toMatchObject([
      { message: expect.stringContaining('a: DROP TABLE old: 2 rows will be lost') },
    ]);
  });

  test('ask a handful of questions, however many revisions there are', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 24 }, (_, i) => [
        `${i}.sql`,
        sql(`r${i}`, {
          ...(i === 0 ? {} : { revises: `r${i - 1}` }),
          upgrade: `CREATE TABLE t${i} (id int PRIMARY KEY); CREATE INDEX ON t${i} (id);`,
        }),
      ]),
    );
    const revisions = folderWith(files);
    const trips = async (preflight: 'check' | 'off'): Promise<number> => {
      const proxy = await countingProxy((await fresh()).url);
      await upgrade({ revisions, database: proxy.url, preflight });
      return proxy.roundTrips();
    };
    expect((await trips('check')) - (await trips('off'))).toBeLessThanOrEqual(6);
  });

  test('what only speaks plain SQL is not asked', async () => {
    const { Client } = newDb().adapters.createPg();
    const revisions = folderWith({ 'a.sql': sql('a', { upgrade: 'CREATE TABLE a (id int);' }) });
    expect((await upgrade({ revisions, database: new Client(), lock: 'off' })).to).toEqual(['a']);
  });
});

describe('a backup', () => {
  const one = { 'a.sql': TABLES['a.sql'] };
  const statistics = async (database: TestDatabase): Promise<unknown> =>
    (await database.query('SELECT statistics FROM revgraph_ledger ORDER BY entry')).map(
      // Of which table an entry is, all of them say.
      (row) => {
        const { table: _, ...rest } = row.statistics as Record<string, unknown>;
        return rest;
      },
    );

  test.each<[what: string, prepare: (folder: string) => void, found: RegExp]>([
    ['is missing', () => {}, /no file matches .*\*\.dump/],
    [
      'is empty',
      (folder) => writeFileSync(join(folder, 'x.dump'), ''),
      /0 bytes, 0 min old: smaller than 1 bytes/,
    ],
    [
      'is old',
      (folder) => {
        writeFileSync(join(folder, 'x.dump'), 'all');
        utimesSync(join(folder, 'x.dump'), new Date(), new Date(Date.now() - 30 * 3_600_000));
      },
      /30 h old: older than 24 h/,
    ],
  ])('that %s is refused', async (_, prepare, found) => {
    const database = await fresh();
    const folder = folderWith(one);
    prepare(folder);
    const backup = { file: join(folder, '*.dump') };
    const refusal = await errorOf(upgrade({ revisions: folder, database: database.url, backup }));
    if (!isRevgraphError(refusal, 'preflight_refused')) throw refusal;
    expect(refusal.details.checks).toMatchObject([{ name: 'backup', found: expect.stringMatching(found) }]);
    expect(await database.query("SELECT FROM pg_class WHERE relname LIKE 'revgraph%'")).toEqual([]);
  });

  test('that is there is written down: the newest file, or what a command says', async () => {
    const database = await fresh();
    const folder = folderWith(TABLES);
    mkdirSync(join(folder, 'backups', 'monday'), { recursive: true });
    writeFileSync(join(folder, 'backups', 'old.dump'), 'all of it');
    utimesSync(join(folder, 'backups', 'old.dump'), new Date(), new Date(Date.now() - 3_600_000));
    writeFileSync(join(folder, 'backups', 'monday', 'toc.dat'), 'and more');
    const options = { keepDowngrades: false, revisions: folder, database: database.url };
    await upgrade({ ...options, target: 'a', backup: { file: join(folder, 'backups', '*') } });
    const command = 'echo "backup 17 of today"; echo postgresql://me:hidden@host/db';
    await upgrade({ ...options, target: 'b', backup: { command } });
    await upgrade(options);
    expect(await statistics(database)).toEqual([
      {
        backup: { file: join(folder, 'backups', 'monday'), bytes: 8, modified: expect.stringMatching(/Z$/) },
      },
      {
        backup: {
          command: expect.stringContaining('//me:…@host'),
          output: 'backup 17 of today\npostgresql://me:…@host/db',
        },
      },
      {},
    ]);
  });

  test('beside how far a step outside a transaction came', async () => {
    const database = await fresh('CREATE TABLE t (id int)');
    const revisions = folderWith({
      'a.sql': sql('a', {
        upgrade: 'CREATE INDEX CONCURRENTLY i ON t (id);\nCREATE INDEX CONCURRENTLY j ON t (id);',
      }),
    });
    await upgrade({ revisions, database: database.url, backup: { command: 'true' } });
    expect(await statistics(database)).toEqual([
      expect.objectContaining({ finished: 0, backup: { command: 'true', output: '' } }),
      expect.objectContaining({ finished: 1 }),
      expect.objectContaining({ finished: 2 }),
      { backup: { command: 'true', output: '' } },
    ]);
  });

  test.each<[command: string, seconds: number, found: RegExp]>([
    ['echo "no backup: password=hidden" >&2; exit 3', 10, /exited with 3: no backup: password=…/],
    ['sleep 60; echo late', 0.3, /did not end within 0.3 s/],
    ['PGPASSWORD=hidden no_such_program', 10, /`PGPASSWORD=… no_such_program` exited with 127/],
  ])('that `%s` does not find is refused', async (command, timeoutSeconds, found) => {
    const database = await fresh();
    const begun = Date.now();
    const backup = { command, timeoutSeconds };
    const refusal = await errorOf(upgrade({ revisions: folderWith(one), database: database.url, backup }));
    if (!isRevgraphError(refusal, 'preflight_refused')) throw refusal;
    expect(refusal.message).toMatch(found);
    expect(JSON.stringify(refusal)).not.toContain('hidden');
    expect(Date.now() - begun).toBeLessThan(5_000);
  });
});

describe('downgrade and undo', () => {
  const project = {
    'revgraph.config.json': '{}',
    ...Object.fromEntries(Object.entries(TABLES).map(([name, text]) => [`revisions/${name}`, text])),
  };

  test('say what they lose, and want to be told without a terminal', async () => {
    const database = await fresh();
    const folder = folderWith(project);
    const command = (...args: string[]) => run(folder, [...args, '--url', database.url]);
    await command('upgrade', 'b');
    // Nothing is in the tables: nothing is lost.
    expect((await command('downgrade', '-1')).exitValue).toBe(0);
    await command('upgrade');
    await database.query("INSERT INTO one VALUES (1, 'x', 1), (2, 'y', NULL); INSERT INTO two VALUES (3)");
    const before = await everything(database);
    const losses: DataLoss[] = [
      { revision: 'c', what: 'ALTER TABLE one DROP COLUMN more', rows: 1 },
      { revision: 'b', what: 'DROP TABLE two', rows: 1 },
      { revision: 'a', what: 'DROP TABLE one', rows: 2 },
      { revision: 'c', what: 'the notes that were there before', rows: null },
    ];
    for (const args of [
      ['downgrade', 'base'],
      ['undo', 'a'],
    ]) {
      const refused = await command(...args, '--json');
      expect([args[0], refused.exitValue]).toEqual([args[0], 4]);
      const { code, details, message } = JSON.parse(refused.stdout).error;
      expect([code, details.losses]).toEqual(['confirmation_needed', losses]);
      expect(message).toContain('a: DROP TABLE one: 2 rows');
    }
    const dry = await command('downgrade', 'base', '--dry-run', '--json');
    expect([dry.exitValue, JSON.parse(dry.stdout).losses]).toEqual([0, losses]);
    const shown = await command('downgrade', 'base', '--dry-run');
    expect(shown.stdout).toContain('b: DROP TABLE two: 1 row\n');
    expect(await everything(database)).toEqual(before);
    const off = await command('downgrade', 'base', '--no-preflight');
    expect(off.exitValue).toBe(4);
    const done = await command('downgrade', 'base', '--yes', '--json');
    expect([done.exitValue, JSON.parse(done.stdout).losses]).toEqual([0, losses]);
    expect(await database.query("SELECT FROM pg_class WHERE relname IN ('one', 'two')")).toEqual([]);
  });

  test('the library is asked with the losses', async () => {
    const database = await fresh();
    const options = { revisions: folderWith(TABLES), database: database.url };
    await upgrade({ ...options, target: 'a' });
    await database.query('INSERT INTO one VALUES (1)');
    const asked: unknown[] = [];
    const confirm = (_: unknown, lost: readonly string[], losses: readonly DataLoss[]): void => {
      asked.push(lost, losses);
    };
    const { losses } = await downgrade({ ...options, target: 'base', confirm });
    expect(asked).toEqual([[], [{ revision: 'a', what: 'DROP TABLE one', rows: 1 }]]);
    expect(losses).toEqual(asked[1]);
  });
});

describe('revgraph preflight', () => {
  test('a checklist for people and one for programs; exit value 4 if it says no', async () => {
    const database = await fresh(ORPHANS);
    const folder = folderWith({
      'revgraph.config.json': JSON.stringify({
        expect: { database: database.name },
        preflight: { bigTableRows: 1 },
      }),
      'revisions/a.sql': sql('a', {
        header: '-- @requires postgres >=12',
        upgrade: KEY,
        downgrade: 'DROP TABLE contents;',
      }),
    });
    const command = (...args: string[]) => run(folder, ['preflight', ...args, '--url', database.url]);
    const { exitValue, stdout } = await command();
    expect(exitValue).toBe(4);
    expect(stdout).toMatch(/^1 revision, from base to a\n/);
    expect(stdout).toMatch(/^ok {4}This is the expected database: /m);
    expect(stdout).toMatch(/^– {5}A backup exists: the configuration has no `backup`$/m);
    expect(stdout).toMatch(/^ok {4}@requires of a: /m);
    expect(stdout).toMatch(
      /^no {4}contents \(topic_id\) references topics \(id\): 1 row .*a\.sql:\d+\n {6}→ Fix or delete/m,
    );
    expect(stdout).toMatch(/This would fail: 1 no\.\n$/);
    const document = JSON.parse((await command('head', '--json')).stdout);
    expect(document).toMatchObject({ ok: false, target: 'head', from: [], to: ['a'], steps: ['a'] });
    for (const check of document.checks)
      expect(Object.keys(check).sort()).toEqual([
        'file',
        'found',
        'line',
        'name',
        'remedy',
        'revision',
        'rows',
        'status',
        'title',
      ]);
    await database.query('INSERT INTO topics VALUES (7)');
    expect((await command('a')).exitValue).toBe(0);
    await run(folder, ['upgrade', '--url', database.url]);
    expect((await command()).stdout).toContain('Nothing to run: the database is at a.');
    const down = await command('--downgrade', '-1', '--json');
    expect(down.exitValue).toBe(0);
    expect(JSON.parse(down.stdout).checks).toContainEqual(
      expect.objectContaining({ name: 'loss', status: 'warn', title: 'DROP TABLE contents', rows: 1 }),
    );
  });

  test('another database than the one that is meant', async () => {
    const database = await fresh();
    const folder = folderWith({
      'revgraph.config.json': JSON.stringify({ expect: { label: 'production' } }),
      'revisions/a.sql': TABLES['a.sql'],
    });
    const { exitValue, stdout } = await run(folder, ['preflight', '--json', '--url', database.url]);
    expect(exitValue).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      checks: [{ name: 'target_identity', status: 'no' }],
    });
  });

  test('the reference graph may be run on an empty database', async () => {
    const database = await fresh();
    const { exitValue, stdout } = await run('.', ['preflight', '--json', '--url', database.url]);
    expect([exitValue, JSON.parse(stdout).steps.length]).toEqual([0, 24]);
    expect(await database.query("SELECT FROM pg_class WHERE relname LIKE 'revgraph%'")).toEqual([]);
  });
});
