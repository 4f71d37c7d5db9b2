import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../support/command-line.js';
import { folderWith, sql, temporaryFolder } from '../support/project.js';

/* What `init`, `revision` and `merge` write: a first project, from an empty folder. */

const ok = async (folder: string, ...args: string[]) => {
  const { exitValue, stdout, stderr } = await run(folder, args);
  expect({ exitValue, stderr }).toEqual({ exitValue: 0, stderr: expect.any(String) });
  return stdout.trim();
};

test('an empty folder becomes a project with a branch and a merge', async () => {
  const folder = temporaryFolder();
  expect((await ok(folder, 'init')).split('\n')).toEqual([
    'revisions/',
    'revgraph.config.json',
    '.gitignore',
  ]);
  expect(await ok(folder, 'init')).toBe('The project already exists. Nothing was changed.');
  expect(readFileSync(join(folder, '.gitignore'), 'utf8')).toBe('.revgraph/\n');

  const first = await ok(folder, 'revision', '-m', 'first', '--rev-id', 'a1');
  expect(first).toBe('revisions/a1_first.sql');
  const again = await run(folder, ['revision', '-m', 'first', '--rev-id', 'a1']);
  expect([again.exitValue, again.stderr]).toEqual([2, expect.stringMatching(/a1_first\.sql already exists/)]);

  const left = JSON.parse(await ok(folder, 'revision', '-m', 'left', '--json')) as {
    revision: string;
    revises: string[];
    file: string;
  };
  expect(left.revises).toEqual(['a1']);
  const right = JSON.parse(
    await ok(folder, 'revision', '-m', 'right', '--head', 'a1', '--splice', '--ts', '--json'),
  ) as typeof left;
  expect(right.file).toMatch(/_right\.ts$/);
  const notHead = await run(folder, ['revision', '-m', 'x', '--head', 'a1']);
  expect([notHead.exitValue, notHead.stderr]).toEqual([4, expect.stringMatching(/a1 is not a head/)]);

  const check = await run(folder, ['check', '--json']);
  expect(check.exitValue).not.toBe(0);
  const merged = JSON.parse(
    await ok(folder, 'merge', '-m', 'join', '--label', 'main', '--json'),
  ) as typeof left;
  expect([...merged.revises].sort()).toEqual([left.revision, right.revision].sort());
  expect(await ok(folder, 'heads')).toBe(`${merged.revision} (main) (head)  join`);
  expect(await ok(folder, 'branches')).toMatch(/^a1 \(main\) \(branch point\)|^a1 \(branch point\)/);
  expect(await ok(folder, 'bases')).toMatch(/^a1/);
  expect(await ok(folder, 'show', 'main@head')).toMatch(new RegExp(`revises: ${merged.revises.join(', ')}`));
  expect((await ok(folder, 'history', '-r', `a1:${left.revision}`)).split('\n')).toHaveLength(2);

  const untouched = await run(folder, ['upgrade']);
  expect([untouched.exitValue, untouched.stderr]).toEqual([
    3,
    expect.stringMatching(/a1_first\.sql:5: section @upgrade is empty/),
  ]);
  for (const [file, table] of [
    [first, 'one'],
    [left.file, 'two'],
  ] as const) {
    const text = readFileSync(join(folder, file), 'utf8');
    const [up, down] = [`CREATE TABLE ${table} (id int);`, `DROP TABLE ${table};`];
    writeFileSync(
      join(folder, file),
      text.replace('-- write SQL here', up).replace('-- write SQL here', down),
    );
  }
  const code = await run(folder, ['upgrade']);
  expect([code.exitValue, code.stderr]).toEqual([1, expect.stringMatching(/write the upgrade of/)]);
});

test('help and version', async () => {
  const folder = temporaryFolder();
  const help = await ok(folder, '--help');
  for (const command of [
    'init',
    'revision',
    'merge',
    'heads',
    'bases',
    'branches',
    'history',
    'show',
    'current',
    'status',
    'upgrade',
    'downgrade',
    'undo',
    'stamp',
    'check',
    'identify',
    'catalogue',
  ]) {
    expect(help).toMatch(new RegExp(`revgraph ${command}\\b`));
    expect(await ok(folder, command, '--help')).toMatch(/--json/);
  }
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(await ok(folder, '--version')).toBe(version);
});

test('a script holds the version table and the application of the configuration, with a database and without', async () => {
  const folder = temporaryFolder();
  await ok(folder, 'init');
  await ok(folder, 'revision', '-m', 'first', '--rev-id', 'a1');
  const file = join(folder, 'revisions', 'a1_first.sql');
  const filled = readFileSync(file, 'utf8')
    .replace(/^-- @upgrade.*$/m, '$&\nCREATE TABLE t (a int);')
    .replace(/^-- @downgrade.*$/m, '$&\nDROP TABLE t;');
  writeFileSync(file, filled);
  const config = { revisions: './revisions', versionTable: 'my_version', application: 'billing' };
  writeFileSync(join(folder, 'revgraph.config.json'), JSON.stringify(config));
  for (const target of ['head', 'base:head']) {
    const text = await ok(folder, 'upgrade', target, '--sql');
    expect(text).toMatch(/INSERT INTO \S*my_version/);
    expect(text).toContain("'billing'");
  }
});

test('several targets all count', async () => {
  const folder = process.cwd();
  const shown = await run(folder, ['show', 'a71d62f22c10', 'b06ced8ecd14', '--json']);
  expect(JSON.parse(shown.stdout).revisions).toMatchObject([
    { revision: 'a71d62f22c10' },
    { revision: 'b06ced8ecd14' },
  ]);
});

test('show tells what a revision changed, as the catalogue has it', async () => {
  const { stdout } = await run(process.cwd(), ['show', 'a71d62f22c10', 'b06ced8ecd14']);
  expect(stdout).toContain("- column public.universal_users.preferences: text default '{}'::text");
  expect(stdout).toContain("+ column public.universal_users.preferences: jsonb default '{}'::jsonb");
  expect(stdout).toContain('does not change the schema');
});

test('show says nothing of the schema where the catalogue is older than the revision, or there is none', async () => {
  const folder = folderWith({
    'revisions/a.sql': sql('aaaa', { upgrade: 'CREATE TABLE t (id int);', downgrade: 'DROP TABLE t;' }),
  });
  const shown = async () => JSON.parse((await run(folder, ['show', 'aaaa', '--json'])).stdout).revisions[0];
  expect(await shown()).toMatchObject({ adds: null, removes: null });
  await run(folder, ['catalogue', 'build']);
  expect(await shown()).toMatchObject({ adds: ['column public.t.id: integer', 'table public.t'] });
  writeFileSync(join(folder, 'revisions/a.sql'), sql('aaaa', { upgrade: 'CREATE TABLE u (id int);' }));
  expect(await shown()).toMatchObject({ adds: null, removes: null });
});
