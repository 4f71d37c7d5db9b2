import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBulk } from '../../lib/database/bulk/bulk.js';
import { readRevisionFolder } from '../../lib/revision/folder.js';
import { importCode } from '../../lib/revision/import.js';
import type { CodeBody, RevisionContext } from '../../lib/revision/revision.js';
import { folderOf } from './temporary.js';
import { short, thrown } from './thrown.js';

const HEADER = '/**\n * Words\n * @revision a\n */\n';

async function body(files: Record<string, string>): Promise<CodeBody> {
  const [revision] = await readRevisionFolder(folderOf(files));
  const found = await revision?.body();
  if (found?.kind !== 'code') expect.fail('not code');
  return found;
}

function context(queries: string[]): RevisionContext {
  const query = async (sql: unknown) => {
    queries.push(String(sql));
    return { rows: [], rowCount: 0, command: '', fields: [] };
  };
  return {
    db: { query, ...openBulk({ query }) },
    batches: () => Promise.reject(new Error('no batches here')),
    undo: () => Promise.reject(new Error('no undo here')),
    log: () => {},
    signal: new AbortController().signal,
    revision: 'a',
    direction: 'upgrade',
    preview: false,
  };
}

describe('what a code revision exports', () => {
  const FULL = `
export async function upgrade({ db }) { await db.query('up'); }
export const downgrade = ({ db }) => db.query('down');
export const precheck = { title: 'one', sql: 'SELECT 1', expect: 1 };
export const verify = [
  { title: 'two', sql: 'SELECT 2' },
  { title: 'three', sql: 'SELECT 3', expect: 'none' },
];
export const probe = 'SELECT true';
export const other = 7;
`;

  it.each([
    ['a.mjs', HEADER + FULL],
    ['a.js', HEADER + FULL],
    ['a.ts', HEADER + FULL.replace('({ db })', '({ db }: { db: { query(sql: string): Promise<unknown> } })')],
    ['b.ts', `${HEADER}enum Not { Erasable }\n${FULL}`],
  ])('%s', async (name, text) => {
    const files = { [name]: text, 'package.json': '{"type":"module"}' };
    const found = await body(files);
    const queries: string[] = [];
    await found.upgrade?.(context(queries));
    await found.downgrade?.(context(queries));
    expect(queries).toEqual(['up', 'down']);
    const lines = text.split('\n');
    const lineOf = (words: string) => lines.findIndex((line) => line.includes(words)) + 1;
    expect(found).toMatchObject({
      precheck: [{ title: 'one', sql: 'SELECT 1', expect: '1', line: lineOf("'one'") }],
      verify: [
        { title: 'two', sql: 'SELECT 2', expect: 'true', line: lineOf("'two'") },
        { title: 'three', sql: 'SELECT 3', expect: 'none', line: lineOf("'three'") },
      ],
      probe: { sql: 'SELECT true', line: lineOf('probe') },
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await found.verify[0]?.statements()).toMatchObject([{ sql: 'SELECT 2', line: lineOf("'two'") }]);
  });

  it('CommonJS', async () => {
    const text = `${HEADER}module.exports = { upgrade() { return 1; } };\n`;
    const found = await body({ 'a.js': text, 'package.json': '{"type":"commonjs"}' });
    expect(found.upgrade?.(context([]))).toBe(1);
    expect(found.downgrade).toBeNull();
  });

  it('packages are found from its own place, and are the ones that the program has', async () => {
    const root = folderOf({
      'node_modules/revgraph/package.json': '{"name":"revgraph","type":"module","exports":"./index.js"}',
      'node_modules/revgraph/index.js': 'export const token = {};',
      'revisions/_shared/words.ts': "export const words: string = 'shared';",
      'revisions/a.ts': `${HEADER}
import type { RevisionContext } from 'revgraph';
import { token } from 'revgraph';
import { words } from './_shared/words.js';
export function upgrade(context: RevisionContext) { return [token, words, import.meta.url]; }`,
      'program.mjs': "export { token } from 'revgraph';",
    });
    const [revision] = await readRevisionFolder(join(root, 'revisions'));
    const found = await revision?.body();
    if (found?.kind !== 'code') expect.fail('not code');
    const [token, words, url] = (found.upgrade?.(context([])) ?? []) as unknown[];
    expect((await importCode(join(root, 'program.mjs'))).token).toBe(token);
    expect([words, String(url)]).toEqual(['shared', expect.stringContaining('a.ts')]);
  });

  it('loading writes nothing, neither beside the file nor to a cache', async () => {
    const root = folderOf({
      'a.ts': `${HEADER}export const upgrade = (): void => {};`,
      'node_modules/p/index.js': '',
    });
    const cache = join(tmpdir(), 'jiti');
    const before = [readdirSync(root, { recursive: true }).sort(), existsSync(cache) && readdirSync(cache)];
    const [revision] = await readRevisionFolder(root);
    expect((await revision?.body())?.upgrade).toBeTypeOf('function');
    expect([readdirSync(root, { recursive: true }).sort(), existsSync(cache) && readdirSync(cache)]).toEqual(
      before,
    );
  });
});

describe('what can not be loaded', () => {
  const UP = 'export const upgrade = () => {};\n';
  it.each([
    ['a throw', "throw new TypeError('boom');", /TypeError: boom/],
    ['a throw of something else', 'throw 7;', /7/],
    ['no JavaScript', 'export const = 1;', /./],
    ['a package that is not there', "import 'no-such-package-here';", /no-such-package-here/],
    ['upgrade is SQL', "export const upgrade = 'SELECT 1';", /export upgrade is a string, not a function/],
    ['downgrade is null', `${UP}export const downgrade = null;`, /export downgrade is null, not a function/],
    ['verify is SQL', `${UP}export const verify = 'SELECT 1';`, /export verify is a string, not \{ title/],
    [
      'a check without title',
      `${UP}export const precheck = { sql: 'SELECT 1' };`,
      /export precheck has no title/,
    ],
    [
      'a check without sql',
      `${UP}export const verify = [{ title: 'a', sql: 'SELECT 1' }, { title: 'b' }];`,
      /export verify\[1\] has no sql/,
    ],
    [
      'a check that expects rows',
      `${UP}export const verify = { title: 'a', sql: 'SELECT 1', expect: [] };`,
      /export verify expects an array, not a string/,
    ],
    ['probe is a function', `${UP}export const probe = () => true;`, /export probe is a function, not SQL/],
    ['probe is empty', `${UP}export const probe = '';`, /export probe is empty, not SQL/],
  ])('%s', async (_, text, reason) => {
    for (const name of ['a.mjs', 'a.ts']) {
      const error = await thrown('code_unloadable', () => body({ [name]: HEADER + text }));
      expect(error.details.reason).toMatch(reason);
      expect(error.details.file).toContain(name);
    }
  });

  it('what the code threw is the cause', async () => {
    const error = await thrown('code_unloadable', () =>
      body({ 'a.mjs': `${HEADER}throw new RangeError('boom');` }),
    );
    expect(error.cause).toMatchObject({ name: 'RangeError', message: 'boom' });
  });
});

describe('what a code revision must have', () => {
  async function problems(text: string) {
    const error = await thrown('graph_invalid', () => body({ 'a.mjs': text }));
    const [problem] = error.details.problems;
    return [short(error.details.problems), problem?.code === 'bad_header' ? problem.hint : undefined];
  }

  it('upgrade, with a guess where it is misspelt', async () => {
    expect(await problems(`${HEADER}export const upgrad = () => {};`)).toEqual([
      ['3 export upgrade is missing'],
      'It exports upgrad. Did you mean upgrade?',
    ]);
  });

  it('no upgrade where it documents', async () => {
    const header = HEADER.replace(' */', ' * @adopt\n */');
    expect((await problems(`${header}export const upgrade = () => {};`))[0]).toEqual([
      '3 @adopt and export upgrade exclude each other',
      '3 @adopt requires export verify',
    ]);
    const fine = await body({
      'a.mjs': `${header}export const verify = { title: 'x', sql: 'SELECT true' };`,
    });
    expect(fine.upgrade).toBeNull();
  });

  it('nothing where it merges', async () => {
    const text = HEADER.replace(' */', ' * @revises b, c\n */');
    expect(await body({ 'a.mjs': `${text}export {};` })).toMatchObject({ upgrade: null, downgrade: null });
  });
});
