import { createHash } from 'node:crypto';
import { rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { digestOf } from '../../lib/revision/definition.js';
import { readRevisionFolder } from '../../lib/revision/folder.js';
import type { Revision } from '../../lib/revision/revision.js';
import { digestOfText } from '../../lib/revision/text.js';
import { folderOf } from './temporary.js';
import { short, thrown } from './thrown.js';

const sql = (id: string, more = '') =>
  `-- Words of ${id}\n-- @revision ${id}\n${more}\n-- @upgrade\nSELECT 1;\n`;

afterEach(() => {
  vi.restoreAllMocks();
});

describe('readRevisionFolder', () => {
  it('reads revisions of all kinds, sorted by path, subfolders included', async () => {
    const root = folderOf({
      'b.sql': sql('two', '-- @revises one'),
      'a.ts': '/** @revision one */',
      '2024/z.mjs': '// Words\n// @revision three\n// @depends-on two',
      '2024/deep/er/c.js': '/** @revision four */',
      'D.SQL': sql('five'),
    });
    const revisions = await readRevisionFolder(root);
    expect(revisions.map(({ revision, file }) => [revision, relative(root, file ?? '')])).toEqual([
      ['four', '2024/deep/er/c.js'],
      ['three', '2024/z.mjs'],
      ['five', 'D.SQL'],
      ['one', 'a.ts'],
      ['two', 'b.sql'],
    ]);
    expect(revisions[4]).toEqual({
      revision: 'two',
      revises: ['one'],
      dependsOn: [],
      labels: [],
      message: 'Words of two',
      file: join(root, 'b.sql'),
      header: {
        transaction: 'auto',
        requires: [],
        idempotent: false,
        irreversible: null,
        adopt: false,
        loses: null,
        background: false,
        kind: 'sql',
      },
      mentions: expect.any(Function),
      body: expect.any(Function),
    });
    expect(revisions[1]?.header.kind).toBe('code');
  });

  it('leaves out what is no revision', async () => {
    const root = folderOf({
      'a.sql': sql('a'),
      'catalogue.json': '{}',
      'README.md': '',
      'a.d.ts': '',
      'a.test.ts': '',
      'a.spec.mjs': '',
      'a.sql.orig': '',
      'b.cjs': '',
      'b.tsx': '',
      '.hidden.sql': '',
      '._a.sql': '\0\0',
      '_shared.ts': '',
      '_drafts/x.sql': '',
      '.git/x.sql': '',
      'node_modules/p/x.js': '',
      sql: '',
    });
    expect((await readRevisionFolder(root)).map(({ revision }) => revision)).toEqual(['a']);
  });

  it('gives [] for a folder without revisions', async () => {
    expect(await readRevisionFolder(folderOf({ 'README.md': '' }))).toEqual([]);
  });

  it('shows paths relative to the working directory when below it', async () => {
    const root = folderOf({ 'db/revisions/a.sql': sql('a') });
    vi.spyOn(process, 'cwd').mockReturnValue(root);
    expect((await readRevisionFolder('db/revisions'))[0]?.file).toBe('db/revisions/a.sql');
    vi.spyOn(process, 'cwd').mockReturnValue(join(root, 'db', 'revisions'));
    expect((await readRevisionFolder('.'))[0]?.file).toBe('a.sql');
    vi.spyOn(process, 'cwd').mockReturnValue(join(root, 'elsewhere'));
    expect((await readRevisionFolder('../db/revisions'))[0]?.file).toBe(join(root, 'db/revisions/a.sql'));
  });

  it.each([100, 400, 505, 520, 2000, 2040, 2060, 9000])(
    'finds tags behind %i bytes of words',
    async (length) => {
      for (const character of ['x', 'é', '€']) {
        const words = `-- ${character.repeat(50)}\n`;
        const padding = words.repeat(Math.ceil(length / Buffer.byteLength(words)));
        const root = folderOf({
          'a.sql': `${padding}-- @revision a\n-- @revises b, c\n-- @label x`,
          'b.ts': `/*\n${padding}@revision d\n@revises e\n*/\nexport {};`,
        });
        expect(await readRevisionFolder(root)).toMatchObject([
          { revision: 'a', revises: ['b', 'c'], labels: ['x'] },
          { revision: 'd', revises: ['e'] },
        ]);
      }
    },
  );

  it('finds the same header wherever the first reading is cut', async () => {
    const files: Record<string, string> = {};
    for (let n = 440; n < 520; n++)
      files[`${n}.sql`] = `-- ${'x'.repeat(n)}\n-- @revision r${n}\n-- @revises p${n}\n-- @upgrade\n`;
    const revisions = await readRevisionFolder(folderOf(files));
    expect(revisions.map(({ revises }) => revises[0])).toEqual(
      revisions.map(({ revision }) => revision.replace('r', 'p')),
    );
    expect(revisions).toHaveLength(80);
  });

  it('does not mind two files with one id: that is for the graph', async () => {
    expect(await readRevisionFolder(folderOf({ 'a.sql': sql('x'), 'b.sql': sql('x') }))).toHaveLength(2);
  });

  it('runs no code', async () => {
    const root = folderOf({
      'a.mjs': '/** @revision a */\nthrow new Error("was run");\n',
      'b.ts': '/** @revision b */\nthrow 1;',
    });
    const [first] = await readRevisionFolder(root);
    expect(first?.revision).toBe('a');
    // It is the code that we think it is: asked for, it throws.
    await thrown('code_unloadable', () => first?.body());
  });

  it('follows links to files and folders, once', async () => {
    const root = folderOf({ 'revisions/a.sql': sql('a'), 'data/b.sql': sql('b'), 'data/in/c.sql': sql('c') });
    symlinkSync(join(root, 'data/b.sql'), join(root, 'revisions/linked.sql'));
    symlinkSync(join(root, 'data/in'), join(root, 'revisions/in'));
    symlinkSync(join(root, 'revisions'), join(root, 'revisions/ring'));
    const revisions = await readRevisionFolder(join(root, 'revisions'));
    expect(revisions.map(({ file }) => relative(join(root, 'revisions'), file ?? ''))).toEqual([
      'a.sql',
      'in/c.sql',
      'linked.sql',
    ]);
  });

  it('a body is read once and when asked for', async () => {
    const root = folderOf({ 'a.sql': sql('a') });
    const [revision] = await readRevisionFolder(root);
    writeFileSync(join(root, 'a.sql'), sql('a').replace('SELECT 1', 'SELECT 2'));
    const body = await revision?.body();
    expect(body?.upgrade).toEqual({ sql: 'SELECT 2;', line: 5 });
    expect(await revision?.body()).toBe(body);
  });
});

describe('what is wrong', () => {
  it('is told for all files at once', async () => {
    const root = folderOf({
      'a.sql': '-- @revision head\n-- @nope\n-- @upgrade\nSELECT 1;',
      'b.sql': sql('fine'),
      'c.mjs': 'export {};',
      'd.ts': '/** @revision a-b */',
      'u.sql': Buffer.from(`\ufeff${sql('u')}`, 'utf16le'),
    });
    symlinkSync(join(root, 'nowhere'), join(root, 'gone.sql'));
    symlinkSync(join(root, 'nowhere'), join(root, 'gone.md'));
    const { details, message } = await thrown('graph_invalid', () => readRevisionFolder(root));
    expect(short(details.problems)).toEqual([
      '1 reserved_id',
      '2 the tag @nope does not exist',
      '1 the file has no header',
      '1 illegal_revision_id',
      'unreadable_file',
      'unreadable_file',
    ]);
    expect(message).toContain(`${join(root, 'gone.sql')} can't be read: it does not exist`);
    expect(message).toContain(`${join(root, 'u.sql')} can't be read: it is UTF-16`);
    expect(message).not.toContain('gone.md');
  });

  it('no such folder', async () => {
    const { details } = await thrown('directory_missing', () => readRevisionFolder(join(folderOf(), 'nope')));
    expect(details.directory).toMatch(/nope$/);
  });

  it('a file instead of a folder', async () => {
    const root = folderOf({ 'a.sql': sql('a') });
    const { message } = await thrown('directory_unreadable', () => readRevisionFolder(join(root, 'a.sql')));
    expect(message).toContain('it is not a folder');
  });

  it('a file that becomes unreadable before its body is asked for', async () => {
    const root = folderOf({
      'a.sql': sql('a'),
      'b.sql': Buffer.concat([Buffer.from(sql('b')), Buffer.from([0x27, 0xe9, 0x27])]),
    });
    const [a, b] = await readRevisionFolder(root);
    rmSync(join(root, 'a.sql'));
    expect((await thrown('graph_invalid', () => a?.body())).message).toContain('it does not exist');
    expect((await thrown('graph_invalid', () => b?.body())).message).toContain('it is not UTF-8');
  });
});

describe('a file that is too large', () => {
  const GIB = 2 ** 30;
  function largeFile(beginning: string, size: number): string {
    const root = folderOf({ 'a.sql': beginning });
    // A hole: it takes no room on the disk.
    truncateSync(join(root, 'a.sql'), size);
    return root;
  }

  it.each([
    ['without a header', ''],
    ['of one line', 'SELECT 1 '],
    ['with a header that does not end', '/* @revision a\n'],
  ])('%s: refused within a second', async (_, beginning) => {
    const root = largeFile(beginning, 3 * GIB);
    const begun = performance.now();
    const { details } = await thrown('graph_invalid', () => readRevisionFolder(root));
    expect(performance.now() - begun).toBeLessThan(1000);
    expect(details.problems).toMatchObject([{ file: join(root, 'a.sql') }]);
  });

  it('with a header: in the graph, and refused by its size where it would be run', async () => {
    const [revision] = await readRevisionFolder(largeFile(sql('a'), 3 * GIB));
    expect(revision?.revision).toBe('a');
    const { details } = await thrown('graph_invalid', () => revision?.body());
    expect(details.problems).toMatchObject([
      { code: 'unreadable_file', reason: expect.stringContaining('3,072 MB') },
    ]);
  });

  it('a header that begins with a comment nested 100,000 deep is read at once', async () => {
    const deep = '/*'.repeat(100_000);
    const closed = `${deep}${'*/'.repeat(100_000)}\n${sql('a')}`;
    const begun = performance.now();
    expect(await readRevisionFolder(folderOf({ 'a.sql': closed }))).toMatchObject([{ revision: 'a' }]);
    await thrown('graph_invalid', () => readRevisionFolder(folderOf({ 'a.sql': deep })));
    expect(performance.now() - begun).toBeLessThan(1000);
  });
});

it('the digest of a revision is that of the text that was read for its body', async () => {
  const root = folderOf({ 'a.sql': sql('a') });
  const [revision] = await readRevisionFolder(root);
  const before = digestOf(revision as Revision);
  await revision?.body();
  writeFileSync(join(root, 'a.sql'), sql('a', '-- @label x'));
  expect(digestOf(revision as Revision)).toBe(before);
  expect(revision?.mentions?.('@label')).toBe(false);
  const [again] = await readRevisionFolder(root);
  expect(digestOf(again as Revision)).not.toBe(before);
});

it('a digest does not depend on where a long text is cut', () => {
  for (const shift of ['', 'x', 'xy']) {
    const text = shift + '😀'.repeat(600_000);
    expect(digestOfText(text)).toBe(createHash('sha256').update(text).digest('hex'));
  }
});
