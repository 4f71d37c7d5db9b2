import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { boot, type Expect, isRevgraphError, type RevgraphError, stamp, upgrade } from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { freshDatabase, freshPGlite, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

let database: TestDatabase;
let systemIdentifier: string;

beforeAll(async () => {
  database = await freshDatabase();
  const [row] = await database.query('SELECT system_identifier::text AS id FROM pg_control_system()');
  systemIdentifier = String(row?.id);
  await database.query(`ALTER DATABASE ${database.name} SET revgraph.label = 'staging'`);
});
afterAll(() => database.drop());

const files = { 'a.sql': sql('a', { upgrade: 'CREATE TABLE a (id int);', downgrade: 'DROP TABLE a;' }) };

async function refused(action: Promise<unknown>): Promise<RevgraphError<'wrong_database'>> {
  const error = await action.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isRevgraphError(error, 'wrong_database')) throw new Error(`not refused: ${String(error)}`);
  return error;
}

const tables = async (): Promise<unknown> =>
  (
    await database.query(
      "SELECT count(*)::int AS n FROM pg_class WHERE relnamespace = 'public'::regnamespace",
    )
  )[0]?.n;

describe('the database that is meant', () => {
  test.each<[string, Expect, string | null]>([
    ['database', { database: 'production' }, 'test_'],
    ['host', { host: ['db.internal', '10.1.1.1'] }, '127.0.0.1'],
    ['system identifier', { systemIdentifier: '1' }, ''],
    ['label', { label: 'production' }, 'staging'],
  ])('another %s is refused before anything is read or written', async (what, expected, found) => {
    const revisions = folderWith(files);
    const options = { revisions, database: database.url, expect: expected };
    for (const action of [
      () => upgrade(options),
      () => upgrade({ ...options, dryRun: true }),
      () => stamp({ ...options, target: ['a'], confirmed: true }),
      () => boot(options),
    ]) {
      const { details, exitValue, message } = await refused(action());
      expect(exitValue).toBe(4);
      expect(details.wrong).toMatchObject([{ what, found: expect.stringContaining(found ?? '') }]);
      expect(message).not.toContain('only-for-tests');
    }
    expect(await tables()).toBe(0);
  });

  test('all that is named has to be so; of a list, one of it', async () => {
    const all = {
      database: ['other', database.name],
      host: ['127.0.0.1', 'db.internal'],
      systemIdentifier,
      label: 'staging',
    };
    const options = { revisions: folderWith(files), database: database.url };
    const { details } = await refused(upgrade({ ...options, expect: { ...all, label: 'production' } }));
    expect(details.wrong).toHaveLength(1);
    const client = new pg.Client({ connectionString: database.url });
    expect((await upgrade({ ...options, database: client, expect: all, dryRun: true })).steps).toHaveLength(
      1,
    );
    const pool = new pg.Pool({ connectionString: database.url });
    expect((await upgrade({ ...options, database: pool, expect: all, dryRun: true })).steps).toHaveLength(1);
    await pool.end();
  });

  test('what stands with the database wins over what a session brings along', async () => {
    const url = `${database.url}?options=-c%20revgraph.label%3Dproduction`;
    const options = { revisions: folderWith(files), database: url, dryRun: true };
    const { details } = await refused(upgrade({ ...options, expect: { label: 'production' } }));
    expect(details.wrong).toMatchObject([{ found: 'staging' }]);
  });

  test('the embedded database has a name and no host', async () => {
    const pglite = await freshPGlite();
    const options = { revisions: folderWith(files), database: pglite };
    const { details } = await refused(upgrade({ ...options, expect: { host: 'localhost' } }));
    expect(details.wrong).toMatchObject([{ what: 'host', found: null }]);
    await upgrade({ ...options, expect: { database: 'postgres' } });
    await pglite.close();
  });

  test('a typing error in the URL, on the command line', async () => {
    const config = JSON.stringify({ expect: { database: 'knowledge_base' } });
    const folder = folderWith({ 'revgraph.config.json': config, 'revisions/a.sql': files['a.sql'] });
    for (const command of [['upgrade'], ['stamp', 'a'], ['downgrade', 'base'], ['boot'], ['repair']]) {
      const { exitValue, stdout } = await run(folder, [...command, '--json', '--url', database.url]);
      expect([command[0], exitValue]).toEqual([command[0], 4]);
      expect(JSON.parse(stdout).error).toMatchObject({
        code: 'wrong_database',
        details: { wrong: [{ what: 'database', expected: ['knowledge_base'], found: database.name }] },
      });
    }
    const { exitValue } = await run(folder, ['status', '--url', database.url]);
    expect(exitValue).toBe(0);
    expect(await tables()).toBe(0);
    expect(readFileSync('docs/preflight.md', 'utf8')).toContain('revgraph.label');
  });

  test('what is wrong with the configuration is told with its path', async () => {
    const config = JSON.stringify({
      expect: { name: 'x' },
      backup: { maxAgeHours: 0 },
      preflight: { big: 1 },
    });
    const folder = folderWith({ 'revgraph.config.json': config, 'revisions/a.sql': files['a.sql'] });
    const { exitValue, stderr } = await run(folder, ['heads']);
    expect(exitValue).toBe(2);
    for (const path of ['expect', 'backup', 'preflight']) expect(stderr).toContain(path);
  });
});
