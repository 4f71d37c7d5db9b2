import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { check } from '../../lib/index.js';
import { folderWith, sql, temporaryFolder } from '../support/project.js';

const A = sql('a', { upgrade: 'SELECT 1;', downgrade: 'SELECT 1;' });
const on = (id: string, revises: string) =>
  sql(id, { revises, upgrade: 'SELECT 1;', downgrade: 'SELECT 1;' });

test('several heads: named with their files, where they part, and the line that joins them', async () => {
  const folder = folderWith({ 'a.sql': A, 'b.sql': on('b', 'a'), 'c.sql': on('c', 'a') });
  const { ok, problems } = await check({ revisions: folder });
  expect(ok).toBe(false);
  expect(problems).toEqual([
    {
      code: 'multiple_heads',
      message: expect.stringMatching(
        /2 heads: b \(.*b\.sql\), c \(.*c\.sql\); they branch at a \(.*a\.sql\)/,
      ),
      hint: 'revgraph merge b c -m "merge"',
      files: [join(folder, 'b.sql'), join(folder, 'c.sql')],
    },
  ]);
});

test('SQL that does not parse, and a statement that can not be where it is', async () => {
  const folder = folderWith({
    'a.sql': sql('a', { upgrade: 'CREATE TABEL t ();', downgrade: 'SELECT 1;' }),
    'b.sql': sql('b', {
      revises: 'a',
      upgrade: 'CREATE TABLE t (id int); VACUUM t;',
      downgrade: 'SELECT 1;',
    }),
  });
  const { problems } = await check({ revisions: folder });
  expect(problems.map(({ code }) => code)).toEqual(['statement_unparsable', 'transaction_contradiction']);
});

test('code is not run', async () => {
  const folder = folderWith({ 'a.mjs': '/**\n * @revision a\n */\nthrow new Error("it ran");\n' });
  expect(await check({ revisions: folder })).toEqual({ ok: true, problems: [], against: null });
});

/* main:  a ─ b            here:  a ─ c, and what else is done to a */

function repository(): {
  folder: string;
  git: (...args: string[]) => void;
  write: (name: string, text: string) => void;
} {
  const root = temporaryFolder();
  const folder = join(root, 'revisions');
  mkdirSync(folder);
  const git = (...args: string[]) => {
    execFileSync(
      'git',
      ['-C', root, '-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'commit.gpgsign=false', ...args],
      { stdio: 'pipe' },
    );
  };
  git('init', '-q', '-b', 'main');
  return { folder, git, write: (name, text) => writeFileSync(join(folder, name), text) };
}

/** On a branch of its own, where `main` has a, b and c. */
function published() {
  const { folder, git, write } = repository();
  write('a.sql', A);
  write('b.sql', on('b', 'a'));
  write('c.sql', on('c', 'b'));
  git('add', '.');
  git('commit', '-qm', 'all');
  git('checkout', '-qb', 'work');
  return { folder, git, write };
}

test('--base: two branches that were fine alone are two heads together', async () => {
  const { folder, git, write } = repository();
  write('a.sql', A);
  git('add', '.');
  git('commit', '-qm', 'a');
  git('checkout', '-qb', 'work');
  write('c.sql', on('c', 'a'));
  git('add', '.');
  git('commit', '-qm', 'c');
  git('checkout', '-q', 'main');
  write('b.sql', on('b', 'a'));
  git('add', '.');
  git('commit', '-qm', 'b');
  git('checkout', '-q', 'work');
  expect((await check({ revisions: folder })).ok).toBe(true);
  const { problems } = await check({ revisions: folder, base: 'main' });
  expect(problems).toMatchObject([
    { code: 'multiple_heads', message: expect.stringMatching(/b .*c .*branch at a/) },
  ]);
});

test('--base: another parent and a deleted file are named', async () => {
  const { folder, write } = published();
  rmSync(join(folder, 'b.sql'));
  write('c.sql', on('c', 'a'));
  const { problems } = await check({ revisions: folder, base: 'main' });
  expect(problems.map(({ code }) => code).sort()).toEqual(['deleted_revision', 'reparented']);
});

test('--base: a dependency that a published revision did not have is named, and one that goes is not', async () => {
  const { folder, git, write } = published();
  write('x.sql', A.replaceAll(' a', ' x'));
  write('c.sql', on('c', 'b').replace('-- @revises b', '-- @revises b\n-- @depends-on x'));
  const { problems } = await check({ revisions: folder, base: 'main' });
  expect(problems).toMatchObject([
    { code: 'reparented', message: expect.stringContaining('c depends on x here, and does not on main') },
  ]);
  git('add', '.');
  git('commit', '-qm', 'needs');
  write('c.sql', on('c', 'b'));
  expect((await check({ revisions: folder, base: 'HEAD' })).problems.map(({ code }) => code)).toEqual([
    'multiple_heads',
  ]);
});

describe('--base: a squash and a new name', () => {
  const merged = async (files: Record<string, string>, gone: readonly string[]) => {
    const { folder, write } = published();
    for (const name of gone) rmSync(join(folder, name));
    for (const [name, text] of Object.entries(files)) write(name, text);
    return (await check({ revisions: folder, base: 'main' })).problems;
  };
  const squash = (id: string, replaces: string) =>
    `-- ${id}\n--\n-- @revision ${id}\n-- @replaces ${replaces}\n-- @upgrade\nSELECT 1;\n-- @downgrade\nSELECT 1;\n`;

  test('are no deleted and no re-parented revisions', async () => {
    expect(await merged({ 's.sql': squash('s', 'a, b') }, ['a.sql', 'b.sql'])).toEqual([]);
    expect(await merged({ 'b.sql': squash('b', 'a, b') }, ['a.sql'])).toEqual([]);
    const renamed = on('b2', 'a').replace('-- @revision b2', '-- @revision b2\n-- @formerly b');
    expect(await merged({ 'b.sql': renamed, 'c.sql': on('c', 'b2') }, [])).toEqual([]);
  });

  test('a squash under a kept id that does not name it is refused', async () => {
    expect(await merged({ 'b.sql': squash('b', 'a') }, ['a.sql'])).toMatchObject([
      { code: 'squash_without_itself', hint: expect.stringContaining('@replaces a, b') },
    ]);
  });
});

test('--base with an unknown ref is a clear error', async () => {
  const { folder, git, write } = repository();
  write('a.sql', A);
  git('add', '.');
  git('commit', '-qm', 'a');
  await expect(check({ revisions: folder, base: 'nosuch' })).rejects.toMatchObject({
    code: 'base_unreadable',
    message: expect.stringMatching(/nosuch/),
  });
});
