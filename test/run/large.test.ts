import { afterEach, beforeEach, expect, test } from 'vitest';
import { upgrade } from '../../lib/index.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* A merge point may be empty: a large one whose statements are not seen would be recorded without having run. */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const merge = (body: string): string =>
  folderWith({
    'a.sql': sql('a', { upgrade: 'SELECT 1;' }),
    'b.sql': sql('b', { upgrade: 'SELECT 1;' }),
    'm.sql': sql('m', { revises: 'a, b', upgrade: body }),
  });

const note = `-- ${'x'.repeat(45_000)}\n`;
const insert = (n: number): string => `INSERT INTO big VALUES (${n}, 'a;b');\n`;

test.each([
  ['of five million tokens', 'SELECT 1;\n', ';'.repeat(5_000_000), 0],
  ['of 45 MB', '', Array.from({ length: 1000 }, (_, n) => note + insert(n)).join(''), 1000],
])('a merge revision %s runs', async (_, before, data, rows) => {
  const body = `${before}CREATE TABLE big (id int, v text);\n${data}`;
  const { steps } = await upgrade({ database: database.url, revisions: merge(body) });
  expect(steps.map(({ revision }) => revision)).toEqual(['a', 'b', 'm']);
  expect(await database.query('SELECT count(*)::int AS rows FROM big')).toEqual([{ rows }]);
});

test('one INSERT of 100,000 rows runs', async () => {
  const rows = Array.from({ length: 100_000 }, (_, n) => `(${n}, 'row ${n}')`).join(',\n');
  const insert = `INSERT INTO big VALUES\n${rows}\nON CONFLICT DO NOTHING;`;
  const revisions = folderWith({
    'a.sql': sql('a', { upgrade: `CREATE TABLE big (id int PRIMARY KEY, v text);\n${insert}` }),
  });
  await upgrade({ database: database.url, revisions });
  expect(await database.query('SELECT count(*)::int AS rows FROM big')).toEqual([{ rows: 100_000 }]);
});
