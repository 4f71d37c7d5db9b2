import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* What only looks never imports a revision's code: its top level would run. */

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const code = (id: string, revises: string, header = '') =>
  `/**\n * ${id}\n * @revision ${id}\n * @revises ${revises}\n${header} */\nimport { writeFileSync } from 'node:fs';\nwriteFileSync(process.env.MARK, 'x');\nexport async function upgrade({ db }) { await db.query('CREATE TABLE ${id} (id int)'); }\nexport async function downgrade({ db }) { await db.query('DROP TABLE ${id}'); }\nexport const verify = { title: 'x', sql: 'SELECT true' };\n`;

test('lists, status, preflight and every dry run', async () => {
  const folder = folderWith({
    'revisions/a.sql': sql('a', { upgrade: 'CREATE TABLE a (id int);', downgrade: 'DROP TABLE a;' }),
    'revisions/b.mjs': code('b', 'a'),
    'revisions/c.mjs': code('c', 'b', ' * @transaction none\n'),
  });
  const mark = join(folder, 'mark');
  const on = ['--url', database.url];
  const call = (...args: string[]) => run(folder, args, { MARK: mark });
  const imported = async (...args: string[]): Promise<boolean> => {
    rmSync(mark, { force: true });
    const { exitValue, stderr } = await call(...args);
    expect([args.join(' '), exitValue, stderr]).toEqual([args.join(' '), 0, expect.anything()]);
    return existsSync(mark);
  };
  const looks = [
    ['heads'],
    ['history'],
    ['show', 'b'],
    ['graph'],
    ['status', ...on],
    ['current', ...on],
    ['log', ...on],
    ['preflight', ...on],
    ['upgrade', '--dry-run', ...on],
    ['boot', '--dry-run', ...on],
  ];
  for (const args of looks.filter(([verb]) => verb !== 'graph'))
    expect([args[0], await imported(...args)]).toEqual([args[0], false]);
  // A run imports it: the mark is one that works.
  expect(await imported('upgrade', 'b', ...on)).toBe(true);
  for (const args of [
    ...looks.filter(([verb]) => verb !== 'graph'),
    ['downgrade', 'base', '--dry-run', ...on],
    ['undo', 'b', '--dry-run', ...on],
    ['preflight', '--downgrade', 'base', ...on],
  ])
    expect([args.join(' '), await imported(...args)]).toEqual([args.join(' '), false]);
  const { stdout } = await call('preflight', ...on);
  expect(stdout).toContain("c can't be analysed completely: it is a code revision");
});
