import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { buildCatalogue, checkCatalogue, identify } from '../../../lib/index.js';
import { run } from '../../support/command-line.js';
import { freshDatabase } from '../../support/databases.js';
import { folderWith, sql } from '../../support/project.js';
import { chainFiles } from '../chain.js';

/* Where a graph is replayed, and what files of earlier versions are worth. */

const CHAIN = chainFiles({
  a: "CREATE TABLE item (id int PRIMARY KEY, s varchar(9) CHECK (s IN ('a', 'b')));",
  b: 'CREATE INDEX item_s ON item (s);',
});
const text = (folder: string): string => readFileSync(join(folder, 'catalogue.json'), 'utf8');
const role = `catalogue_${randomBytes(4).toString('hex')}`;
const asSuperuser = async (query: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: inject('serverUrl') });
  await client.connect();
  try {
    return (await client.query(query)).rows;
  } finally {
    await client.end();
  }
};
/** Of a role that may make databases: what is left of them is that role's. */
const server = (): string => {
  const { host } = new URL(inject('serverUrl').replace('postgresql', 'http'));
  return `postgresql://${role}:secret@${host}/postgres`;
};
const left = (): Promise<unknown[]> =>
  asSuperuser(
    `SELECT datname FROM pg_database WHERE datdba = (SELECT oid FROM pg_roles WHERE rolname = '${role}')`,
  );
beforeAll(() => asSuperuser(`CREATE ROLE ${role} LOGIN CREATEDB PASSWORD 'secret'`));
afterAll(() => asSuperuser(`DROP ROLE ${role}`));

describe('on a server', () => {
  test('the facts are those of the embedded database, and no database is left', async () => {
    const revisions = folderWith({
      ...CHAIN,
      'x.sql': sql('x', { revises: 'a', upgrade: 'CREATE TABLE x ();' }),
    });
    await buildCatalogue({ revisions });
    const embedded = text(revisions);
    const { kept } = await buildCatalogue({ revisions, on: server() });
    expect([text(revisions), kept]).toEqual([embedded, 0]);
    expect(await left()).toEqual([]);
  });

  test('a failure tells the place, and leaves no database', async () => {
    const revisions = folderWith({
      ...CHAIN,
      'c.sql': sql('c', { revises: 'b', upgrade: 'CREATE TABLE item ();' }),
    });
    await expect(buildCatalogue({ revisions, on: server() })).rejects.toMatchObject({
      code: 'step_failed',
      details: { replay: { revision: 'c', kept: 0, embedded: false } },
      hint: expect.not.stringContaining('--url'),
    });
    expect(await left()).toEqual([]);
  });

  test('the command line takes --url for it, and not the database of the environment', async () => {
    const revisions = folderWith(CHAIN);
    const env = { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' };
    const build = (...more: string[]) =>
      run(revisions, ['catalogue', 'build', '--revisions', '.', ...more], env);
    expect((await build()).exitValue).toBe(0);
    expect(JSON.parse((await build('--json', '--url', server())).stdout)).toMatchObject({
      revisions: [{ revision: 'a' }, { revision: 'b' }],
      kept: 0,
    });
    expect((await build('--url', env.DATABASE_URL)).exitValue).not.toBe(0);
  });
});

test('a requirement that the embedded database does not meet is told with the way out', async () => {
  const revisions = folderWith({
    ...CHAIN,
    'c.sql': sql('c', { revises: 'b', header: '-- @requires extension no_such_thing', upgrade: 'SELECT 1;' }),
  });
  await expect(buildCatalogue({ revisions })).rejects.toMatchObject({
    code: 'requirement_unmet',
    details: { replay: { revision: 'c', after: ['a', 'b'], total: 3 } },
    hint: expect.stringMatching(/--url URL.*@catalogue skip/),
  });
});

describe('a file of an earlier version', () => {
  test.each([2, 3])('format %i is read, and catalogue check says to build it again', async (format) => {
    const revisions = folderWith(CHAIN);
    await buildCatalogue({ revisions });
    const entries = JSON.parse(text(revisions)).revisions.filter((one: unknown) => typeof one === 'object');
    const old = entries
      .map(({ revision, parents, checksum, adds, removes }: Record<string, unknown>) => ({
        revision,
        parents,
        checksum,
        adds,
        removes,
      }))
      .sort((x: { revision: string }, y: { revision: string }) => (x.revision < y.revision ? -1 : 1));
    const told = old.map((one: Record<string, unknown>) => Object.values(one));
    const digest = createHash('sha256').update(JSON.stringify(told)).digest('hex');
    writeFileSync(join(revisions, 'catalogue.json'), JSON.stringify({ format, digest, revisions: old }));
    const { ok, stale } = await checkCatalogue({ revisions });
    expect([ok, stale]).toEqual([
      false,
      [{ revision: 'a', why: expect.stringMatching(/earlier version.*catalogue build/) }],
    ]);
    const database = await freshDatabase();
    try {
      await database.query("CREATE TABLE item (id int PRIMARY KEY, s varchar(9) CHECK (s IN ('a', 'b')))");
      expect(await identify({ revisions, database: database.url })).toMatchObject({
        match: 'exact',
        stamp: ['a'],
      });
    } finally {
      await database.drop();
    }
    writeFileSync(join(revisions, 'catalogue.json'), text(revisions).replace('item_s', 'item_t'));
    await expect(checkCatalogue({ revisions })).rejects.toMatchObject({ code: 'catalogue_invalid' });
  });
});
