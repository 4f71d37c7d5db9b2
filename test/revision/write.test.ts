import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRevisionFolder } from '../../lib/revision/folder.js';
import type { RevisionContext } from '../../lib/revision/revision.js';
import { type RevisionFile, writeRevision } from '../../lib/revision/write.js';
import { folderOf } from './temporary.js';
import { short, thrown } from './thrown.js';

async function written(wanted: Partial<RevisionFile> = {}) {
  const directory = folderOf();
  const path = await writeRevision({ directory, message: 'add users', revises: [], kind: 'sql', ...wanted });
  expect(dirname(path)).toBe(directory);
  const [revision, ...others] = await readRevisionFolder(directory);
  expect(others).toEqual([]);
  if (revision === undefined) expect.fail(`${path} is not read again`);
  return { path, name: basename(path), text: readFileSync(path, 'utf8'), revision };
}

describe('writeRevision', () => {
  it('writes a file that is read back as it was meant', async () => {
    for (const kind of ['sql', 'ts'] as const) {
      const { name, revision } = await written({
        revision: 'a1',
        revises: ['b', 'c'],
        dependsOn: ['?d', 'auth@head'],
        labels: ['x', 'y'],
        kind,
      });
      expect(name).toBe(`a1_add_users.${kind}`);
      expect(revision).toMatchObject({
        revision: 'a1',
        revises: ['b', 'c'],
        dependsOn: ['?d', 'auth@head'],
        labels: ['x', 'y'],
        message: 'add users',
      });
    }
  });

  it('makes an id of 12 hex digits, another one each time', async () => {
    const names = await Promise.all([written(), written()]);
    for (const { revision } of names) expect(revision.revision).toMatch(/^[0-9a-f]{12}$/);
    expect(names[0]?.revision.revision).not.toBe(names[1]?.revision.revision);
  });

  it('an unwritten SQL template is refused by name, not taken for done', async () => {
    const { revision, text } = await written();
    expect(text).toContain('-- @upgrade\n-- write SQL here\n');
    const { details } = await thrown('graph_invalid', () => revision.body());
    expect(short(details.problems)).toEqual(['5 section @upgrade is empty', '8 section @downgrade is empty']);
  });

  it('an unwritten TypeScript template throws, and does not count as done', async () => {
    const { revision } = await written({ kind: 'ts', revision: 'a1' });
    const body = await revision.body();
    if (body.kind !== 'code') expect.fail('not code');
    const context = { revision: 'a1' } as RevisionContext;
    await expect(body.upgrade?.(context)).rejects.toThrow('write the upgrade of a1 here');
    await expect(body.downgrade?.(context)).rejects.toThrow('write the downgrade of a1 here');
  });

  it.each(['sql', 'ts'] as const)('a merge point in %s is a header and fine as it is', async (kind) => {
    const { revision, text } = await written({ kind, merge: true, revises: ['a', 'b'], message: 'merge' });
    expect(text).not.toContain('upgrade');
    expect(await revision.body()).toMatchObject({ upgrade: null, downgrade: null });
  });

  it.each([
    ['Ünïcode / ../x', 'a1_unicode_x.sql'],
    ['  Add: users & "roles"! ', 'a1_add_users_roles.sql'],
    ['', 'a1.sql'],
    ['Таблица', 'a1.sql'],
    ['///', 'a1.sql'],
    ['x'.repeat(60), `a1_${'x'.repeat(40)}.sql`],
    [`${'x'.repeat(39)} y`, `a1_${'x'.repeat(39)}.sql`],
    ['two\r\nlines\u2028three', 'a1_two_lines_three.sql'],
  ])('%j: %s', async (message, name) => {
    expect((await written({ revision: 'a1', message })).name).toBe(name);
  });

  it.each(['..', '.hidden', '_x', 'a.test', 'a.d', '__proto__', 'constructor', '10', 'x'.repeat(64)])(
    'id %s gives a file that is read again',
    async (id) => {
      for (const kind of ['sql', 'ts'] as const) {
        for (const message of ['', 'words']) {
          expect((await written({ revision: id, message, kind })).revision.revision).toBe(id);
        }
      }
    },
  );

  it.each([
    '@upgrade everything',
    '@label x',
    '*/ throw 1; /*',
    '-- ; DROP TABLE x',
    '* - / bullets',
    '\\@home',
    '!!!',
    'Revises: abc123',
    'Revision ID: zzz',
    'one\n@label two\n*/\n-- @upgrade\nDROP TABLE x;',
    'back`tick` $',
    '/* open',
    '***/',
  ])('message %j does no harm', async (message) => {
    for (const kind of ['sql', 'ts'] as const) {
      const { revision, text } = await written({ revision: 'a1', message, kind });
      const line = message.replace(/\s+/g, ' ').replaceAll('*/', '* /');
      expect(revision).toMatchObject({ message: line, labels: [], revises: [] });
      if (kind === 'ts') expect((await revision.body()).upgrade).not.toBeNull();
      else expect(text.match(/^-- @upgrade$/gm)).toHaveLength(1);
    }
  });

  it('any message comes back', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 60 }),
        fc.constantFrom('sql', 'ts'),
        async (message, kind) => {
          const { revision } = await written({ revision: 'a1', message, kind: kind as 'sql' | 'ts' });
          expect(revision.revises).toEqual([]);
          expect(revision.message.replace(/\W/g, '')).toBe(message.replace(/\W/g, ''));
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('what is refused', () => {
  const base = { message: 'x', revises: [], kind: 'sql' } as const;

  it('a file that is there already, which stays as it was', async () => {
    const directory = folderOf({ 'a1_x.sql': 'mine' });
    await thrown('file_exists', () => writeRevision({ ...base, directory, revision: 'a1' }));
    expect(readFileSync(join(directory, 'a1_x.sql'), 'utf8')).toBe('mine');
  });

  it('a folder that is missing, or is a file', async () => {
    const directory = folderOf({ file: '' });
    await thrown('directory_missing', () => writeRevision({ ...base, directory: join(directory, 'nope') }));
    await thrown('file_unwritable', () => writeRevision({ ...base, directory: join(directory, 'file') }));
  });

  it.each([
    ['graph_invalid', { revision: 'a/../b' }],
    ['graph_invalid', { revision: 'head' }],
    ['graph_invalid', { revision: '' }],
    ['usage', { revision: 'a\n-- @label x' }],
    ['usage', { revises: ['a, b'] }],
    ['usage', { labels: ['a\n-- @idempotent'] }],
    ['graph_invalid', { revises: ['a', 'a'] }],
    ['graph_invalid', { dependsOn: ['a@base'] }],
  ] as const)('%s: %j', async (code, wanted) => {
    const directory = folderOf();
    await thrown(code, () => writeRevision({ ...base, directory, ...wanted }));
    expect(readdirSync(directory)).toEqual([]);
  });
});
