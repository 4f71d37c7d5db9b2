import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { replayGraph } from '../../../lib/evidence/building/build.js';
import { type Event, isRevgraphError } from '../../../lib/index.js';
import { folderWith, sql, temporaryFolder } from '../../support/project.js';
import { chainFiles } from '../chain.js';

/* What an earlier build has kept is not run again, and never trusted where anything below has changed. */

const CHAIN = {
  a: 'CREATE TABLE a (id int);',
  b: 'CREATE TABLE b (id int);',
  c: 'ALTER TABLE a ADD COLUMN n int;',
};
let revisions: string;
let folder: string;
let ran: string[];
beforeEach(() => {
  revisions = folderWith(chainFiles(CHAIN));
  folder = temporaryFolder();
});

const build = async (more: Partial<Parameters<typeof replayGraph>[0]> = {}) => {
  ran = [];
  const onEvent = (event: Event) => {
    if (event.type === 'step-started') ran.push(event.revision);
  };
  return replayGraph({ revisions, onEvent, ...more }, { fromMs: 0, folder });
};
const failed = async () => {
  const error = await build().catch((thrown: unknown) => thrown);
  return isRevgraphError(error, 'step_failed') ? error : expect.fail(String(error));
};
const write = (id: string, upgrade: string, revises?: string) =>
  writeFileSync(
    join(revisions, `${id}.sql`),
    sql(id, { ...(revises === undefined ? {} : { revises }), upgrade, downgrade: 'SELECT 1;' }),
  );
const catalogue = () => readFileSync(join(revisions, 'catalogue.json'), 'utf8');
const anew = async () => {
  await build({ anew: true });
  return catalogue();
};
/** Files of one kind that are kept: `tar`, `json`. */
const kept = (kind: string) => {
  const [name = ''] = readdirSync(join(folder, 'catalogue'));
  const own = join(folder, 'catalogue', name);
  return readdirSync(own)
    .filter((file) => file.includes(`.${kind}.`))
    .map((file) => join(own, file));
};
const FAILING = 'CREATE TABLE a (id int);';

describe('a build that fails', () => {
  beforeEach(() => write('d', FAILING, 'c'));

  test('says which revision, in which order, what is kept, and how to go on', async () => {
    const { message, hint, details } = await failed();
    expect(details.replay).toEqual({
      revision: 'd',
      order: 'usual',
      after: ['a', 'b', 'c'],
      total: 4,
      kept: 3,
      embedded: true,
    });
    expect(message).toContain('It is revision 4 of 4 in the usual order of the replay: a, b, c, d.');
    expect(hint).toContain('what was replayed before it (3 revisions) is not replayed again');
    expect(hint).toContain('@catalogue skip "why"');
    expect(hint).toContain('--url URL');
  });

  test('goes on where it stopped, and writes what a build from nothing writes', async () => {
    await failed();
    await failed();
    expect(ran).toEqual(['d']);
    write('d', 'CREATE TABLE d (id int);', 'c');
    write('e', 'ALTER TABLE d ADD COLUMN n int;', 'd');
    expect(await build()).toMatchObject({ kept: 3 });
    expect(ran).toEqual(['d', 'e']);
    const went = catalogue();
    expect(went).toBe(await anew());
    expect(ran).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test.each([
    ['its text', () => write('b', 'CREATE TABLE b (id bigint);', 'a'), ['a', 'b', 'c', 'd']],
    ['a comment of it', () => write('b', 'CREATE TABLE b (id int); -- b', 'a'), ['a', 'b', 'c', 'd']],
    ['its place', () => write('c', CHAIN.c, 'a'), ['a', 'b', 'c', 'd']],
  ])('does not, where one below has another content: %s', async (_, change, again) => {
    await failed();
    change();
    await build().catch(() => {});
    expect(ran).toEqual(again);
  });

  test('keeps nothing of a revision that was left halfway outside a transaction', async () => {
    write('d', 'CREATE INDEX CONCURRENTLY i ON a (id); CREATE INDEX CONCURRENTLY i ON a (id);', 'c');
    expect((await failed()).details.replay?.kept).toBe(0);
  });
});

describe('a build after one that went well', () => {
  test('runs nothing if nothing changed', async () => {
    await build();
    const first = catalogue();
    expect(await build()).toMatchObject({ kept: 3 });
    expect(ran).toEqual([]);
    expect(catalogue()).toBe(first);
  });

  test('in another order of a braid, too; and one revision more is what there is to run', async () => {
    write('x', 'CREATE TABLE x (id int);', 'a');
    await build();
    expect(ran).toEqual(['a', 'b', 'c', 'x']);
    await build();
    expect(ran).toEqual([]);
    write('z', FAILING, 'x');
    await failed();
    write('z', 'ALTER TABLE x ADD COLUMN n int;', 'x');
    await build();
    expect(ran).toEqual(['z']);
    const went = catalogue();
    rmSync(join(revisions, 'catalogue.json'));
    expect(JSON.parse(went).revisions.length).toBe(JSON.parse(await anew()).revisions.length);
  });

  test('what was kept and is damaged, or is not what was noted, is not used', async () => {
    write('d', FAILING, 'c');
    await failed();
    const [dump = '', state = ''] = [...kept('tar'), ...kept('json')];
    const whole = readFileSync(dump);
    writeFileSync(dump, whole.subarray(0, whole.length / 2));
    await failed();
    expect(ran).toEqual(['a', 'b', 'c', 'd']);
    const noted = JSON.parse(gunzipSync(readFileSync(state)).toString());
    noted.steps[1].adds.push('table public.other');
    writeFileSync(state, gzipSync(JSON.stringify(noted)));
    await failed();
    expect(ran).toEqual(['a', 'b', 'c', 'd']);
  });

  test('code counts with the files that it imports; what may read more is run again', async () => {
    const code = (imports: string, body: string) =>
      `/**\n * Code\n *\n * @revision d\n * @revises c\n */\n${imports}\nexport async function upgrade({ db }) { ${body} }\nexport async function downgrade() {}\n`;
    writeFileSync(join(revisions, '_names.mjs'), "export const NAME = 'one';\n");
    const file = join(revisions, 'd.mjs');
    writeFileSync(
      file,
      code("import { NAME } from './_names.mjs';", `await db.query('CREATE TABLE ' + NAME + ' ()');`),
    );
    write('e', FAILING, 'd');
    await failed();
    await failed();
    expect(ran).toEqual(['e']);
    writeFileSync(join(revisions, '_names.mjs'), "export const NAME =  'one';\n");
    await failed();
    expect(ran).toEqual(['a', 'b', 'c', 'd', 'e']);
    writeFileSync(file, code('', `await db.query('CREATE TABLE ' + (process.env.NAME ?? 'one') + ' ()');`));
    await failed();
    expect((await failed()).details.replay?.kept).toBe(0);
    expect(ran).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('a build that takes no time keeps nothing', async () => {
    await replayGraph({ revisions }, { folder });
    expect(readdirSync(folder)).toEqual([]);
  });
});
