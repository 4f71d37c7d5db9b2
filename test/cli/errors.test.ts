import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { run } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql, temporaryFolder } from '../support/project.js';

/*
 * Mistakes that users make. Each has a sentence, the place where there is one, what to do next, and its exit value; none
 * shows a stack trace, a bare driver error or a password.
 */

let database: TestDatabase;
let empty: TestDatabase;
beforeAll(async () => {
  [database, empty] = [await freshDatabase(), await freshDatabase()];
});
afterAll(async () => {
  await database.drop();
  await empty.drop();
});

/** Stands for the URL of an empty database. */
const EMPTY = 'EMPTY';

const A = sql('a', { upgrade: 'SELECT 1;', downgrade: 'SELECT 1;' });
const one = { 'revisions/a.sql': A };
const b = (revises: string) => sql('b', { revises, upgrade: 'SELECT 1;', downgrade: 'SELECT 1;' });
const server = () => new URL(inject('serverUrl'));

interface Mistake {
  files?: Record<string, string>;
  prepare?: (folder: string) => unknown;
  args: string[] | (() => string[]);
  env?: Record<string, string>;
  exitValue: number;
  says: RegExp[];
}

const mistakes: Record<string, Mistake> = {
  'a missing folder': {
    args: ['heads'],
    exitValue: 2,
    says: [/The folder \.\/revisions does not exist/, /revgraph init/],
  },
  'an empty folder': {
    prepare: (folder) => mkdirSync(join(folder, 'revisions')),
    args: ['upgrade', '--url', EMPTY],
    exitValue: 2,
    says: [/has no revision/, /revgraph revision/],
  },
  'a folder that is a file': {
    files: { revisions: 'x' },
    args: ['heads'],
    exitValue: 2,
    says: [/revisions/],
  },
  'an unreadable file': {
    files: { ...one, 'revisions/b.sql': '' },
    // Root reads everything: a file that can't be decoded is unreadable for everybody.
    prepare: (folder) => chmodSync(join(folder, 'revisions/b.sql'), 0o000),
    args: ['heads'],
    exitValue: 3,
    says: [/revisions\/b\.sql/],
  },
  'two files with one id': {
    files: { ...one, 'revisions/other.sql': A },
    args: ['heads'],
    exitValue: 3,
    says: [/revision a is defined in more than one file: revisions\/a\.sql, revisions\/other\.sql/],
  },
  'an unknown tag': {
    files: { 'revisions/a.sql': A.replace('-- @revision a', '-- @revision a\n-- @revize b') },
    args: ['heads'],
    exitValue: 3,
    says: [/revisions\/a\.sql:4: .*@revize/, /@revises/],
  },
  'a missing parent': {
    files: { 'revisions/aaaa.sql': sql('aaaa', { upgrade: 'SELECT 1;' }), 'revisions/b.sql': b('aaab') },
    args: ['history'],
    exitValue: 3,
    says: [/b revises aaab, which is in no file \(revisions\/b\.sql\); did you mean aaaa/],
  },
  'a ring': {
    files: { 'revisions/a.sql': sql('a', { revises: 'b', upgrade: 'SELECT 1;' }), 'revisions/b.sql': b('a') },
    args: ['heads'],
    exitValue: 3,
    says: [/a → b → a/],
  },
  'SQL that is none': {
    files: {
      'revisions/a.sql': sql('a', {
        upgrade: 'CREATE TABLE t (id int);\nCREATE TABEL u ();',
        downgrade: 'SELECT 1;',
      }),
    },
    args: ['upgrade', '--url', EMPTY],
    exitValue: 3,
    says: [/revisions\/a\.sql:7: .*TABEL/],
  },
  'a URL of something else': {
    files: one,
    args: ['current', '--url', 'mysql://me:secret@host/x'],
    exitValue: 2,
    says: [/not a database URL/, /postgresql:\/\//],
  },
  'a refused connection': {
    files: one,
    args: ['upgrade', '--url', 'postgresql://me:secret@127.0.0.1:1/x'],
    exitValue: 1,
    says: [/Could not connect to postgresql:\/\/me@127\.0\.0\.1:1\/x/],
  },
  'a wrong password': {
    files: one,
    args: () => ['upgrade', '--url', `postgresql://postgres:secret@127.0.0.1:${server().port}/postgres`],
    exitValue: 1,
    says: [/rejected the login/],
  },
  'a database that is not there': {
    files: one,
    args: () => ['upgrade', '--url', inject('serverUrl').replace(/postgres$/, 'nothing')],
    exitValue: 1,
    says: [/The database does not exist/],
  },
  'missing rights': {
    files: one,
    prepare: async () => {
      await database.query("CREATE ROLE reader LOGIN PASSWORD 'secret'");
      await database.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
    },
    args: () => ['upgrade', '--url', database.url.replace(/\/\/[^@]*@/, '//reader:secret@')],
    exitValue: 4,
    says: [/reader does not have CREATE on schema public/, /GRANT CREATE ON SCHEMA public TO reader/],
  },
  'missing rights, found out by the run': {
    files: one,
    prepare: async () => {
      await database.query("CREATE ROLE other_reader LOGIN PASSWORD 'secret'");
      await database.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
    },
    args: () => [
      'upgrade',
      '--no-preflight',
      '--url',
      database.url.replace(/\/\/[^@]*@/, '//other_reader:secret@'),
    ],
    exitValue: 1,
    says: [/permission denied for schema public/, /42501/],
  },
  'an unknown target': {
    files: { 'revisions/a.sql': sql('abcdef123456', { upgrade: 'SELECT 1;' }) },
    args: ['upgrade', 'abcdef123457', '--url', EMPTY],
    exitValue: 2,
    says: [/"abcdef123457"/, /Did you mean abcdef123456/],
  },
  'a row that the files do not have': {
    files: one,
    prepare: async () => {
      await database.query('CREATE TABLE revgraph_version (revision varchar(64) PRIMARY KEY)');
      await database.query("INSERT INTO revgraph_version VALUES ('ffff')");
    },
    args: () => ['upgrade', '--url', database.url],
    exitValue: 4,
    says: [/The database is at ffff/, /ahead of this code/, /their newest is/, /--unknown-rows allow/],
  },
  'several heads': {
    files: { ...one, 'revisions/b.sql': b('a'), 'revisions/c.sql': b('a').replaceAll(/\bb\b/g, 'c') },
    args: ['upgrade', 'head', '--url', EMPTY],
    exitValue: 4,
    says: [/2 heads: b, c/, /revgraph merge/],
  },
  'a new revision on several heads': {
    files: { ...one, 'revisions/b.sql': b('a'), 'revisions/c.sql': b('a').replaceAll(/\bb\b/g, 'c') },
    args: ['revision', '-m', 'x'],
    exitValue: 4,
    says: [/2 heads: b, c/],
  },
  'a new revision without a message': { files: one, args: ['revision'], exitValue: 2, says: [/message/] },
  'nothing to merge': { files: one, args: ['merge', '-m', 'x'], exitValue: 4, says: [/Nothing to merge/] },
  'a target that is not below': {
    files: { ...one, 'revisions/b.sql': b('a') },
    args: ['downgrade', 'b', '--url', EMPTY],
    exitValue: 2,
    says: [/not an ancestor of an empty database/],
  },
  'an unknown command': { args: ['upgarde'], exitValue: 2, says: [/upgrade/] },
  'an unknown flag': { files: one, args: ['heads', '--jsn'], exitValue: 2, says: [/jsn/] },
  'a configuration with a mistake': {
    files: { ...one, 'revgraph.config.json': '{"lockWaitMs": "long"}' },
    args: ['heads'],
    exitValue: 2,
    says: [/revgraph\.config\.json/, /lockWaitMs/],
  },
  'the embedded default in production': {
    files: one,
    args: ['upgrade'],
    env: { NODE_ENV: 'production' },
    exitValue: 2,
    says: [/NODE_ENV is production/, /DATABASE_URL/],
  },
};

test.each(Object.entries(mistakes))('%s', async (_, { files = {}, prepare, args, env, exitValue, says }) => {
  const folder = Object.keys(files).length === 0 ? temporaryFolder() : folderWith(files);
  await prepare?.(folder);
  const words = (typeof args === 'function' ? args() : args).map((word) =>
    word === EMPTY ? empty.url : word,
  );
  const plain = await run(folder, words, env);
  expect({ exitValue: plain.exitValue, stderr: plain.stderr }).toEqual({
    exitValue,
    stderr: expect.any(String),
  });
  for (const sentence of says) expect(plain.stderr).toMatch(sentence);
  const json = await run(folder, [...words, '--json'], env);
  expect(json.exitValue).toBe(exitValue);
  const document = JSON.parse(json.stdout) as { error: { code: string; message: string } };
  expect(Object.keys(document.error)).toEqual(['code', 'message', 'hint', 'details']);
  for (const said of [plain.stdout, plain.stderr, json.stdout, json.stderr]) {
    expect(said).not.toMatch(/^\s+at /m);
    expect(said).not.toMatch(/secret|only-for-tests/);
  }
  expect(document.error.code).not.toBe('internal');
});

test('CRLF and a byte order mark are no mistake', async () => {
  const folder = folderWith({ 'revisions/a.sql': `\uFEFF${A.replaceAll('\n', '\r\n')}` });
  const { exitValue, stdout } = await run(folder, ['upgrade', '--url', empty.url]);
  expect([exitValue, stdout]).toEqual([0, expect.stringMatching(/a \(head\)/)]);
});

test.each([
  'postgres+asyncpg://u:hidden@h/db',
  'host=h password=hidden user=x',
  '"postgresql://u:hidden@h/db"',
  ' postgresql://u:hidden@h/db',
  'postgresql://u:hidden/x',
  'postgresql://u@127.0.0.1:1/x?pass%77ord=hidden',
  'postgresql://u@127.0.0.1:1/x?password=a@hidden',
  'http://hidden@h',
])('no password of %s is repeated', async (url) => {
  const { exitValue, stdout, stderr } = await run(folderWith(one), ['current', '--json', '--url', url]);
  expect(exitValue).not.toBe(0);
  expect(JSON.parse(stdout)).toHaveProperty('error.code');
  expect(stdout + stderr).not.toMatch(/hidden/);
});

const code = (body: string, top = '') =>
  `/**\n * @revision x\n */\n${top}\nexport async function upgrade({ db }) {\n  ${body}\n}\nexport async function downgrade() {}\n`;

test.each([
  ['process.exit', code('process.exit(0);')],
  ['a promise that never comes', code('await new Promise(() => {});')],
  [
    'a throw outside of the function',
    code('setTimeout(() => { throw new Error("late"); }); await new Promise((r) => setTimeout(r, 500));'),
  ],
  [
    'a rejection with no error',
    code('Promise.reject("late"); await new Promise((r) => setTimeout(r, 500));'),
  ],
])('code that ends the process by %s: a word, an exit value, one document', async (_, text) => {
  const folder = folderWith({ 'revisions/x.mjs': text });
  const { exitValue, stdout, stderr } = await run(folder, ['upgrade', '--json', '--url', 'pglite:memory']);
  expect(exitValue).toBe(1);
  // It is the user's, and not a bug of ours.
  expect(JSON.parse(stdout)).toMatchObject({
    error: {
      code: 'ended_early',
      message: expect.stringMatching(/ the code of a revision (called process.exit|threw late, where)/),
    },
  });
  expect(stderr).not.toMatch(/^\s+at /m);
});

test('code that prints does not get into the document', async () => {
  const folder = folderWith({
    'revisions/x.mjs': code("console.log('noise'); process.stdout.write('more');", "console.log('early');"),
  });
  const own = await freshDatabase();
  const { exitValue, stdout, stderr } = await run(folder, ['upgrade', '--json', '--url', own.url]);
  await own.drop();
  expect([exitValue, JSON.parse(stdout)]).toMatchObject([0, { to: ['x'] }]);
  expect(stderr).toMatch(/noise/);
});

test('everything that is wrong is in one error: headers and the graph', async () => {
  const folder = folderWith({
    'revisions/a.sql': A.replace('-- @revision a', '-- @revision a\n-- @revize b'),
    'revisions/b.sql': sql('b', { revises: 'c', upgrade: 'SELECT 1;' }),
    'revisions/c.sql': sql('c', { revises: 'b', upgrade: 'SELECT 1;' }),
  });
  const { stderr } = await run(folder, ['heads']);
  expect(stderr).toMatch(/@revize/);
  expect(stderr).toMatch(/b → c → b/);
});

test('colours are colours', async () => {
  const { stdout } = await run(folderWith(one), ['heads', '--color']);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours are
  expect(stdout.replace(/\u001B\[\d+m/g, '')).toBe('a (head)  Revision a of a test\n');
  expect(stdout).toMatch(/\[33m/);
});
