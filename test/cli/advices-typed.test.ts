import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { advised, type } from '../support/advice.js';
import { type Finished, run } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/*
 * What is advised is typed as it is printed, for a tenant: a schema, a folder, a version table and a database that are none of
 * the defaults. It does what it says there, and nothing in the default place, where other revisions wait for a mistake.
 */

let tenant: TestDatabase;
let other: TestDatabase;
beforeEach(async () => {
  [tenant, other] = await Promise.all([freshDatabase(), freshDatabase()]);
  await tenant.query('CREATE SCHEMA ta');
});
afterEach(async () => {
  expect(await tablesOf(tenant, 'public')).toEqual([]);
  expect(await tablesOf(other, 'public')).toEqual([]);
  await Promise.all([tenant.drop(), other.drop()]);
});

const tablesOf = async (database: TestDatabase, schema: string): Promise<unknown[]> =>
  (
    await database.query('SELECT tablename AS t FROM pg_tables WHERE schemaname = $1 ORDER BY 1', [schema])
  ).map(({ t }) => t);
const own = async (): Promise<unknown[]> =>
  (await tablesOf(tenant, 'ta')).filter((name) => !/^(revgraph|tenant)_/.test(String(name)));
const rows = async (): Promise<unknown[]> =>
  (await tenant.query('SELECT revision AS r FROM ta.tenant_version ORDER BY 1')).map(({ r }) => r);

const a = sql('a', { upgrade: 'CREATE TABLE a (id int);', downgrade: 'DROP TABLE a;' });
const DECOY = { 'revisions/a.sql': a.replaceAll('TABLE a', 'TABLE decoy') };

/** A project whose tenants have a folder with a space in its name. */
const project = (files: Readonly<Record<string, string>>): string =>
  folderWith({
    ...DECOY,
    ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`my tenants/${name}`, text])),
  });

/** The URL without the password, which the environment has. */
const place = (): string[] => {
  const url = new URL(tenant.url);
  url.password = '';
  return [
    '--revisions',
    'my tenants',
    '--schema',
    'ta',
    '--version-table',
    'tenant_version',
    '--url',
    url.href,
  ];
};
const env = () => ({ PGPASSWORD: decodeURIComponent(new URL(tenant.url).password), DATABASE_URL: other.url });

const said = ({ stdout, stderr }: Finished): string => stdout + stderr;

const tried = async (folder: string, words: readonly string[], exitValue: number): Promise<string> => {
  const finished = await run(folder, [...words, ...place()], env());
  expect([finished.exitValue, said(finished)]).toEqual([exitValue, expect.any(String)]);
  return said(finished);
};

/** Types the advice that begins like this. */
const follow = async (folder: string, text: string, verb: string, exitValue = 0): Promise<string> => {
  const line = advised(text).find((one) => one.startsWith(`revgraph ${verb}`));
  expect(line, `${verb} in: ${text}`).toBeDefined();
  const finished = await type(folder, line ?? '', env());
  expect([finished.exitValue, line, said(finished)]).toEqual([exitValue, line, expect.any(String)]);
  return said(finished);
};

const b = sql('b', { revises: 'a', upgrade: 'SELECT 1/0;', downgrade: 'SELECT 1;' });
const goodB = b.replace('SELECT 1/0', 'CREATE TABLE b (id int)');

test('step_failed: the run goes on', async () => {
  const folder = project({ 'a.sql': a, 'b.sql': b });
  const text = await tried(folder, ['upgrade'], 1);
  writeFileSync(join(folder, 'my tenants/b.sql'), goodB);
  await follow(folder, text, 'upgrade head');
  expect([await own(), await rows()]).toEqual([['a', 'b'], ['b']]);
});

test('step_failed: to a target that a shell would take apart', async () => {
  const labelled = (text: string): string => text.replace('@revision a', '@revision a\n-- @label x&y;z');
  const folder = project({ 'a.sql': labelled(a), 'b.sql': b });
  const text = await tried(folder, ['upgrade', 'x&y;z@head'], 1);
  writeFileSync(join(folder, 'my tenants/b.sql'), goodB);
  await follow(folder, text, "upgrade 'x&y;z@head'");
  expect(await rows()).toEqual(['b']);
});

test('step_failed of boot: to its own target', async () => {
  const c = sql('c', { revises: 'b', upgrade: 'CREATE TABLE c (id int);' });
  const folder = project({ 'a.sql': a, 'b.sql': b, 'c.sql': c });
  const text = await tried(folder, ['boot', '--target', 'b'], 1);
  writeFileSync(join(folder, 'my tenants/b.sql'), goodB);
  await follow(folder, text, 'boot');
  expect([await own(), await rows()]).toEqual([['a', 'b'], ['b']]);
});

test('missed_revisions: repair runs them, and its dry run does not; status says the same', async () => {
  const last = (revises: string) => sql('c', { revises, upgrade: 'CREATE TABLE c (id int);' });
  const folder = project({ 'a.sql': a, 'c.sql': last('a') });
  await tried(folder, ['upgrade'], 0);
  writeFileSync(join(folder, 'my tenants/b.sql'), goodB);
  writeFileSync(join(folder, 'my tenants/c.sql'), last('b'));
  const text = await tried(folder, ['upgrade'], 4);
  await follow(folder, text, 'repair --dry-run');
  expect(await own()).toEqual(['a', 'c']);
  await follow(folder, await tried(folder, ['status'], 0), 'repair');
  expect(await own()).toEqual(['a', 'b', 'c']);
  await tried(folder, ['upgrade'], 0);
});

test('rows_lost: the stamp restores the rows', async () => {
  const folder = project({ 'a.sql': a });
  await tried(folder, ['upgrade'], 0);
  await tenant.query('DELETE FROM ta.tenant_version');
  await follow(folder, await tried(folder, ['upgrade'], 4), 'stamp a');
  expect(await rows()).toEqual(['a']);
});

describe('half_downgraded', () => {
  const outside = (last: string) =>
    sql('b', {
      revises: 'a',
      upgrade: 'CREATE TABLE b (id int);\nCREATE TABLE c (id int);',
      downgrade: `DROP TABLE c;\n${last}`,
    }).replace('-- @revises a', '-- @revises a\n-- @transaction none');
  const halfway = async (): Promise<{ folder: string; text: string }> => {
    const folder = project({ 'a.sql': a, 'b.sql': outside('DROP TABLE x;') });
    await tried(folder, ['upgrade'], 0);
    await tried(folder, ['downgrade', 'a', '--yes'], 1);
    writeFileSync(join(folder, 'my tenants/b.sql'), outside('DROP TABLE b;'));
    return { folder, text: await tried(folder, ['upgrade'], 4) };
  };

  test('the downgrade goes on', async () => {
    const { folder, text } = await halfway();
    await follow(folder, text, 'undo');
    expect([await own(), await rows()]).toEqual([['a'], ['a']]);
  });

  test('the stamp records that all of it is there', async () => {
    const { folder, text } = await halfway();
    await tenant.query('CREATE TABLE ta.c (id int)');
    await follow(folder, text, 'stamp');
    await tried(folder, ['upgrade'], 0);
    expect([await own(), await rows()]).toEqual([['a', 'b', 'c'], ['b']]);
  });
});

test('rows_lost above what was taken back: the stamp, then everything runs', async () => {
  const last = (revises: string) =>
    sql('c', { revises, upgrade: 'CREATE TABLE c (id int);', downgrade: 'DROP TABLE c;' });
  const folder = project({ 'a.sql': a, 'c.sql': last('a') });
  await tried(folder, ['upgrade'], 0);
  writeFileSync(join(folder, 'my tenants/b.sql'), goodB);
  writeFileSync(join(folder, 'my tenants/c.sql'), last('b'));
  await tried(folder, ['repair'], 0);
  rmSync(join(folder, 'my tenants/b.sql'));
  writeFileSync(join(folder, 'my tenants/c.sql'), last('a'));
  await tried(folder, ['downgrade', 'base', '--yes'], 0);
  writeFileSync(join(folder, 'my tenants/b.sql'), goodB);
  writeFileSync(join(folder, 'my tenants/c.sql'), last('b'));
  const text = await tried(folder, ['upgrade'], 4);
  await tenant.query('DROP TABLE ta.b');
  await follow(folder, text, 'stamp base');
  await tried(folder, ['upgrade'], 0);
  expect([await own(), await rows()]).toEqual([['a', 'b', 'c'], ['c']]);
});

test('unknown_row of a line that is retired: its row goes', async () => {
  const folder = project({ 'a.sql': a, 'x.sql': sql('x', { upgrade: 'SELECT 1;' }) });
  await tried(folder, ['upgrade', 'heads'], 0);
  rmSync(join(folder, 'my tenants/x.sql'));
  await follow(folder, await tried(folder, ['upgrade'], 4), 'forget');
  expect(await rows()).toEqual(['a']);
});

test('a backfill that waits: work finishes it', async () => {
  const fill = `-- fill\n--\n-- @revision b\n-- @revises a\n-- @background\n\n-- @batch "double" table a key id\nUPDATE a SET id = -a.id FROM batch WHERE a.id = batch.id;\n\n-- @downgrade\nSELECT 1;\n`;
  const keyed = a.replace('id int', 'id int PRIMARY KEY');
  const folder = project({ 'a.sql': keyed });
  await tried(folder, ['upgrade'], 0);
  await tenant.query('INSERT INTO ta.a VALUES (1), (2)');
  writeFileSync(join(folder, 'my tenants/b.sql'), fill);
  const text = await tried(folder, ['upgrade'], 0);
  await follow(folder, await tried(folder, ['status'], 0), 'backfill work');
  expect(await tenant.query('SELECT id FROM ta.a ORDER BY 1')).toEqual([{ id: -2 }, { id: -1 }]);
  expect(await follow(folder, text, 'backfill work')).toMatch(/No backfill is waiting/);
});

test('confirmation_needed: the same command with --yes', async () => {
  const folder = project({ 'a.sql': a });
  await tried(folder, ['upgrade'], 0);
  await tenant.query('INSERT INTO ta.a VALUES (1)');
  expect(await tried(folder, ['downgrade', 'base'], 4)).toMatch(/Confirm with --yes/);
  expect(await own()).toEqual(['a']);
  await tried(folder, ['downgrade', 'base', '--yes'], 0);
  expect(await own()).toEqual([]);
});

test('preflight_refused: the checklist of this downgrade, by this configuration', async () => {
  const folder = project({ 'a.sql': a, 'b.sql': goodB });
  writeFileSync(join(folder, 'tenant.json'), '{"backup":{"file":"dumps/*.dump"}}');
  await tried(folder, ['upgrade'], 0);
  const text = await tried(folder, ['downgrade', 'a', '--yes', '--config', 'tenant.json'], 4);
  const list = await follow(folder, text, 'preflight --downgrade a --revisions', 4);
  expect(list).toMatch(/1 revision, from b to a/);
  expect(list).toMatch(/no +A backup exists/);
});

test('not_current: boot migrates it, to the same target', async () => {
  const second = goodB.replaceAll(/\bb\b/g, 'c');
  const folder = project({ 'a.sql': a, 'b.sql': goodB, 'c.sql': second });
  const one = await tried(folder, ['boot', '--policy', 'verify', '--target', 'b'], 5);
  await follow(folder, one, 'boot --target b');
  expect(await rows()).toEqual(['b']);
  await follow(folder, await tried(folder, ['boot', '--policy', 'verify'], 5), 'boot');
  expect(await rows()).toEqual(['b', 'c']);
});

test('unfinished_step: the stamp leaves the other branch alone', async () => {
  const half = `/**
 * @revision c
 * @revises a
 * @transaction none
 */
export const upgrade = async ({ db }) => {
  await db.query('CREATE TABLE c (id int)');
  throw new Error('afterwards');
};
export const downgrade = async () => {};
`;
  const folder = project({ 'a.sql': a, 'b.sql': goodB, 'c.mjs': half });
  await tried(folder, ['upgrade', 'b'], 0);
  const failed = await tried(folder, ['upgrade', 'c'], 1);
  await follow(folder, await follow(folder, failed, 'upgrade c', 4), 'stamp c');
  expect(await rows()).toEqual(['b', 'c']);
});

test('no evidence for this schema: the stamp without evidence', async () => {
  const folder = project({ 'a.sql': a });
  await tenant.query('CREATE TABLE ta.a (id int)');
  const build = await tried(folder, ['stamp', '--auto'], 2);
  await follow(folder, build, 'catalogue build');
  const text = (await tried(folder, ['stamp', '--auto'], 2)).replace('REVISION', 'a');
  await follow(folder, text, 'stamp a');
  expect(await rows()).toEqual(['a']);
});

describe('in the default schema of a database that is named', () => {
  afterEach(() => tenant.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public'));

  const words = () => ['--revisions', 'my tenants', ...place().slice(-2)];
  const at = async (folder: string, args: readonly string[], exitValue: number): Promise<string> => {
    const finished = await run(folder, [...args, ...words()], env());
    expect([finished.exitValue, said(finished)]).toEqual([exitValue, expect.any(String)]);
    return said(finished);
  };

  test('catalogue_missing and unidentified: built, looked at, and stamped', async () => {
    const folder = project({ 'a.sql': a });
    await tenant.query('CREATE TABLE a (id text, more int)');
    await follow(folder, await at(folder, ['identify'], 2), 'catalogue build');
    const text = await at(folder, ['stamp', '--auto'], 4);
    expect(await follow(folder, text, 'identify', 4)).toMatch(/does not match/);
    await follow(folder, text.replace('REVISION', 'a'), 'stamp a');
    expect(await tenant.query('SELECT revision FROM revgraph_version')).toEqual([{ revision: 'a' }]);
  });

  test('contradicted: the warning of an upgrade leads to doctor, and doctor to repair', async () => {
    const folder = project({ 'a.sql': a, 'b.sql': goodB });
    await at(folder, ['catalogue', 'build'], 0);
    await at(folder, ['stamp', 'a'], 0);
    const text = await at(folder, ['upgrade'], 0);
    const found = await follow(folder, text, 'doctor', 4);
    await follow(folder, found, 'repair');
    expect(await tablesOf(tenant, 'public')).toEqual(['a', 'b', 'revgraph_ledger', 'revgraph_version']);
  });
});

describe('a URL with a password', () => {
  const args = () => [...place().slice(0, -1), tenant.url];

  test('is a variable: the command goes on where it is set, and is refused where it is not', async () => {
    const folder = project({ 'a.sql': a, 'b.sql': b });
    const set = { DATABASE_URL: tenant.url };
    const failed = said(await run(folder, ['upgrade', ...args()], set));
    const unset = said(await run(folder, ['upgrade', ...args()]));
    expect(failed + unset).not.toContain(new URL(tenant.url).password);
    expect(failed).not.toMatch(/Set DATABASE_URL/);
    expect(unset).toMatch(/--url "\$DATABASE_URL" .*\nSet DATABASE_URL to the URL of --url first/);
    const [line = ''] = advised(failed);
    expect((await type(folder, line, {})).exitValue).toBe(2);
    writeFileSync(join(folder, 'my tenants/b.sql'), goodB);
    expect((await type(folder, line, set)).exitValue).toBe(0);
    expect(await rows()).toEqual(['b']);
  });
});

describe('files', () => {
  const typed = async (folder: string, args: readonly string[]): Promise<Finished> => {
    const [line = ''] = advised(said(await run(folder, args)));
    return type(folder, line, {});
  };

  test('a folder that the configuration names and that is missing is made where it is looked for', async () => {
    const folder = folderWith({ 'revgraph.config.json': '{"revisions":"./db/steps"}' });
    expect((await typed(folder, ['heads'])).exitValue).toBe(0);
    expect(said(await typed(folder, ['heads']))).toMatch(/^db\/steps\/\w+_first\.sql/m);
  });

  test('a folder somewhere else is made there', async () => {
    const folder = folderWith({ 'a/x': '', 'b/x': '' });
    const elsewhere = join(folder, 'b/my steps');
    expect((await typed(join(folder, 'a'), ['heads', '--revisions', elsewhere])).exitValue).toBe(0);
    expect((await run(folder, ['revision', '-m', 'x', '--revisions', elsewhere])).exitValue).toBe(0);
  });

  test('init of another folder says how to go there', async () => {
    const folder = folderWith({ x: '' });
    const made = await typed(folder, ['init', 'the product']);
    expect(made.exitValue).toBe(0);
    expect((await run(join(folder, 'the product'), ['heads'])).exitValue).toBe(0);
  });

  test('two heads of a folder: the merge of check joins them', async () => {
    const folder = project({ 'a.sql': a, 'b.sql': goodB, 'c.sql': goodB.replaceAll(/\bb\b/g, 'c') });
    mkdirSync(join(folder, 'empty'));
    expect((await typed(folder, ['check', '--revisions', 'my tenants'])).exitValue).toBe(0);
    expect((await run(folder, ['check', '--revisions', 'my tenants'])).exitValue).toBe(0);
    rmSync(join(folder, 'empty'), { recursive: true });
  });
});

test('what files and databases say is shown as it is', async () => {
  const folder = project({ 'a.sql': a.replace('Revision a', 'Before `revgraph repair` of revision a') });
  const { stdout } = await run(folder, ['heads', '--revisions', 'my tenants']);
  expect(stdout).toMatch(/`revgraph repair`/);
});

test('bad_target: undo of a relative target names the downgrade that was meant', async () => {
  const folder = project({ 'a.sql': a, 'b.sql': goodB.replace('SELECT 1;', 'DROP TABLE b;') });
  await tried(folder, ['upgrade'], 0);
  const text = await tried(folder, ['undo', '-1'], 2);
  await follow(folder, text, 'downgrade -1 --revisions');
  expect([await own(), await rows()]).toEqual([['a'], ['a']]);
});
