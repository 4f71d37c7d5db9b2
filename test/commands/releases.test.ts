import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { downgrade, history, script, show, stamp, status, undo, upgrade } from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* a (1.0.0) ─ b (1.1.0) ─┬─ c ─┐
 *                        └─ d ─┴─ (1.2.0 ends in both) */
const create = (id: string, revises?: string) =>
  sql(id, {
    ...(revises === undefined ? {} : { revises }),
    upgrade: `CREATE TABLE "t_${id}" (id int);`,
    downgrade: `DROP TABLE "t_${id}";`,
  });
const FILES = {
  'a.sql': create('aaaa'),
  'b.sql': create('bbbb', 'aaaa'),
  'c.sql': create('cccc', 'bbbb'),
  'd.sql': create('dddd', 'bbbb'),
};
const RELEASES = { 'v1.0.0': 'aaaa', '1.1.0': ['bbbb'], '1.2.0': ['cccc', 'dddd'] };

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const options = () => ({ revisions: folderWith(FILES), database: database.url, releases: RELEASES });
const release = async () => (await status(options())).release;

describe('a release', () => {
  test('is a target, with and without v, and results name it', async () => {
    expect((await upgrade({ ...options(), target: '1.0.0' })).to).toEqual(['aaaa']);
    expect(await release()).toBe('v1.0.0');
    expect((await upgrade({ ...options(), target: 'v1.2.0' })).to).toEqual(['cccc', 'dddd']);
    expect(await release()).toBe('1.2.0');
    expect((await downgrade({ ...options(), target: '1.1.0' })).to).toEqual(['bbbb']);
    expect(await release()).toBe('1.1.0');
  });

  test('by range is the highest one in it', async () => {
    expect((await upgrade({ ...options(), target: '~1.1' })).to).toEqual(['bbbb']);
    expect((await upgrade({ ...options(), target: '>=1.0.0 <2' })).to).toEqual(['cccc', 'dddd']);
  });

  test('between two has no name', async () => {
    await upgrade({ ...options(), target: 'cccc' });
    expect(await release()).toBeNull();
  });

  test('stands wherever a target does: stamp, show, history, scripts', async () => {
    expect((await stamp({ ...options(), target: ['1.1.0'] })).to).toEqual(['bbbb']);
    expect((await show({ ...options(), target: ['1.2.0'] })).map((r) => r.revision)).toEqual([
      'cccc',
      'dddd',
    ]);
    expect((await history({ ...options(), range: '1.0.0:1.1.0' })).map((r) => r.revision)).toEqual([
      'bbbb',
      'aaaa',
    ]);
    expect((await script({ ...options(), direction: 'upgrade', target: '1.0.0:1.1.0' })).to).toEqual([
      'bbbb',
    ]);
  });

  test('is a whole target of a downgrade: exactly what it has stays, sides of later merges go too', async () => {
    const revisions = folderWith({
      ...FILES,
      'e.sql': create('eeee', 'aaaa'),
      'f.sql': create('ffff', 'cccc, dddd, eeee'),
    });
    await upgrade({ ...options(), revisions, target: 'head' });
    const dry = await downgrade({ ...options(), revisions, target: '1.2.0', dryRun: true });
    const done = await downgrade({ ...options(), revisions, target: '1.2.0' });
    expect([dry, done].map(({ steps }) => steps.map(({ revision }) => revision))).toEqual([
      ['ffff', 'eeee'],
      ['ffff', 'eeee'],
    ]);
    expect(done.to).toEqual(['cccc', 'dddd']);
    expect(await status({ ...options() })).toMatchObject({ state: 'current', release: '1.2.0' });
    expect((await downgrade({ ...options(), revisions, target: '1.2.0' })).steps).toEqual([]);
    await downgrade({ ...options(), revisions, target: '1.0.0' });
    await expect(downgrade({ ...options(), revisions, target: '1.1.0' })).rejects.toMatchObject({
      code: 'not_an_ancestor',
    });
  });

  test('that ends in several revisions can not be undone as one, and one that is unknown lists those there are', async () => {
    await upgrade({ ...options(), target: 'heads' });
    await expect(undo({ ...options(), target: '1.2.0' })).rejects.toMatchObject({ code: 'bad_target' });
    const unknown = await upgrade({ ...options(), target: 'v9.9.9' }).catch((error) => error);
    expect(unknown).toMatchObject({ code: 'unknown_release', exitValue: 2 });
    expect(unknown.message).toContain('1.2.0, 1.1.0, v1.0.0');
  });

  test('with a revision that is in no file is refused by name', async () => {
    const releases = { '1.0.0': 'aaab' };
    await expect(upgrade({ ...options(), releases, target: '1.0.0' })).rejects.toMatchObject({
      code: 'release_invalid',
      details: { suggestions: ['aaaa'] },
    });
  });

  test('does not hide a revision of that name, nor what counts', async () => {
    const revisions = folderWith({ 'x.sql': create('1.0.0'), 'y.sql': create('2.0.0', '1.0.0') });
    const releases = { '1.0.0': '2.0.0' };
    const at = { ...options(), revisions, releases };
    expect((await upgrade({ ...at, target: '1.0.0' })).to).toEqual(['1.0.0']);
    expect((await upgrade({ ...at, target: '1.0.0+1' })).to).toEqual(['2.0.0']);
  });
});

describe('the minimum', () => {
  test('refuses databases below it, names their release, and leaves them alone', async () => {
    await upgrade({ ...options(), target: '1.0.0' });
    const refused = await upgrade({ ...options(), minimum: '1.1.0', target: 'heads' }).catch((e) => e);
    expect(refused).toMatchObject({
      code: 'below_minimum',
      exitValue: 4,
      details: { release: 'v1.0.0', rows: ['aaaa'] },
    });
    expect((await status(options())).current).toEqual(['aaaa']);
  });

  test('lets through what is at it, what is above, and an empty database', async () => {
    expect((await upgrade({ ...options(), minimum: '1.1.0', target: 'bbbb' })).to).toEqual(['bbbb']);
    expect((await upgrade({ ...options(), minimum: '1.1.0', target: 'heads' })).to).toEqual(['cccc', 'dddd']);
  });
});

describe('the configuration', () => {
  const project = (config: object) => {
    const folder = folderWith(
      Object.fromEntries(Object.entries(FILES).map(([name, text]) => [join('revisions', name), text])),
    );
    writeFileSync(join(folder, 'revgraph.config.json'), JSON.stringify(config));
    return folder;
  };

  test('has releases, and the command line takes them as targets', async () => {
    const folder = project({ releases: RELEASES, minimum: '1.0.0' });
    const done = await run(folder, ['upgrade', '1.1.0', '--url', database.url]);
    expect(done).toMatchObject({ exitValue: 0, stdout: expect.stringContaining('bbbb') });
    const state = await run(folder, ['status', '--url', database.url, '--json']);
    expect(JSON.parse(state.stdout)).toMatchObject({ release: '1.1.0', state: 'behind' });
  });

  test.each([
    [{ releases: { soon: 'aaaa' } }, 'releases.soon'],
    [{ releases: { '1.0.0': [] } }, 'releases.1.0.0'],
    [{ minimum: 'old' }, 'minimum'],
    [{ minimum: '9.0.0', releases: { '1.0.0': 'aaaa' } }, 'release 9.0.0 is not configured'],
    [{ releases: { '1.0.0': 'aaaa', 'v1.0.0': 'bbbb' } }, 'releases.v1.0.0'],
  ])('%j is refused with its path', async (config, path) => {
    const { exitValue, stderr } = await run(project(config), ['heads']);
    expect([exitValue, stderr]).toEqual([2, expect.stringContaining(path)]);
  });
});

test('a new revision, and a merge, may stand on a release, which is no head by mistake', async () => {
  const revisions = folderWith({
    ...Object.fromEntries(Object.entries(FILES).map(([name, text]) => [`revisions/${name}`, text])),
    'revgraph.config.json': JSON.stringify({ releases: RELEASES }),
  });
  const made = async (...args: string[]) => JSON.parse((await run(revisions, [...args, '--json'])).stdout);
  expect(await made('revision', '-m', 'a hotfix', '--head', '1.1.0')).toMatchObject({ revises: ['bbbb'] });
  expect(await made('merge', '1.2.0', '-m', 'both ends')).toMatchObject({ revises: ['cccc', 'dddd'] });
  expect(await run(revisions, ['revision', '-m', 'by mistake', '--head', 'bbbb'])).toMatchObject({
    exitValue: 4,
  });
});
