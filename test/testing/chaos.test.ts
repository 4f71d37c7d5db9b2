import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { loadProject, upgrade } from '../../lib/index.js';
import { scanRevisionFolder } from '../../lib/revision/folder.js';
import { diceOf } from '../../lib/testing/chaos/dice.js';
import { Oracle } from '../../lib/testing/chaos/oracle.js';
import { WITNESS_OBJECTS, witnessed } from '../../lib/testing/chaos/witness.js';
import { type ChaosOptions, chaos } from '../../lib/testing/index.js';
import { chaosFolder } from '../chaos/folder.js';
import { freshDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* The short form of `npm run test:chaos`, and that each word of the oracle is one that it can say. */

let under: string;
beforeAll(() => {
  under = mkdtempSync(join(tmpdir(), 'revgraph-chaos-'));
});
afterAll(() => rmSync(under, { recursive: true, force: true }));

const COUNTS = { race: 1, boundary: 3, kill: 2, terminate: 2, cut: 3, silence: 2, stop: 1, pooler: 1 };
const short = (more: Partial<ChaosOptions> & Pick<ChaosOptions, 'revisions'>) =>
  chaos({ server: inject('serverUrl'), seed: 1, processes: 6, counts: COUNTS, ...more });

test('a few faults of each kind: nothing is found', async () => {
  const { ok, rows, text } = await short({
    revisions: chaosFolder(under, 6, false),
    kinds: ['race', 'boundary', 'kill', 'terminate', 'cut', 'silence', 'stop', 'pooler', 'crash'],
  });
  expect(ok, text).toBe(true);
  expect(rows.find(({ kind }) => kind === 'boundary')).toMatchObject({ cases: 3, hits: 3 });
  expect(rows.at(-1)).toMatchObject({ kind: 'crash', skipped: expect.stringContaining('crash') });
  expect(text).toMatch(/^race +1 +6 +0 +0 +0 +0 +0 +0 /m);
  expect(text).toMatch(/crash was skipped.*\nNothing was found, with seed 1$/);
});

describe('what is wrong is found', () => {
  test('runs that nothing keeps apart', async () => {
    const { ok, rows, text } = await short({
      revisions: chaosFolder(under, 2, false),
      kinds: ['race'],
      // In the first round the processes still load what they need, one sooner than the other.
      counts: { race: 3 },
      lock: 'off',
      stepMs: 200,
    });
    expect(ok).toBe(false);
    expect(rows[0]?.twice).toBeGreaterThan(0);
    expect(text).toContain('FOUND race 0: ');
  });

  test('a revision that does not run to which nothing is done', async () => {
    const revisions = folderWith({ 'a.sql': sql('a', { upgrade: 'SELECT 1 / 0;' }) });
    await expect(short({ revisions })).rejects.toThrow('division by zero');
  });

  test('a version table that says more than what ran, a second attempt, a lock that is left', async () => {
    const database = await freshDatabase();
    const oracle = new Oracle(database.url, ['a', 'b']);
    await database.query(WITNESS_OBJECTS);
    const project = await loadProject(
      folderWith({ 'a.sql': sql('a', { upgrade: 'SELECT 1;' }), 'b.sql': sql('b', { revises: 'a' }) }),
    );
    await upgrade({ revisions: witnessed(project, 0), database: database.url, target: 'a' });
    await database.query("UPDATE revgraph_version SET revision = 'b'");
    expect(await oracle.judge()).toMatchObject({ missing: ['b'], attempts: 1 });
    await database.query("BEGIN; SELECT nextval('chaos.attempts'); ROLLBACK");
    expect((await oracle.judge()).attempts).toBe(2);
    await expect(
      database.query("INSERT INTO chaos.runs SELECT 'c', ran FROM chaos.runs WHERE NOT isempty(ran)"),
    ).rejects.toThrow('chaos_apart');
    const held = database.query('SELECT pg_advisory_lock(1), pg_sleep(1.5)');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await oracle.untilFree(100)).left).toBe(1);
    await held;
    expect((await oracle.untilFree(5_000)).left).toBe(0);
    await database.drop();
  });
});

test('each kind of step has its witness, and its lines stay what they are', async () => {
  const database = await freshDatabase();
  await database.query(WITNESS_OBJECTS);
  const project = witnessed(await loadProject(chaosFolder(under, 13)), 0);
  const { steps } = await upgrade({ revisions: project, database: database.url });
  const rows = await database.query(
    'SELECT revision FROM chaos.witness JOIN chaos.runs USING (revision) ORDER BY attempt',
  );
  expect(rows.map(({ revision }) => revision)).toEqual(steps.map(({ revision }) => revision));
  const failing = folderWith({
    'x.sql': sql('x', { revises: 'r13', upgrade: 'SELECT 1;\nSELECT nothing;' }),
    'y.sql': sql('y', {
      revises: 'r13',
      upgrade: 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nSELECT 1;',
    }),
  });
  const base = await loadProject(join(under, 'revisions-13'));
  const both = [...base.revisions.values(), ...(await scanRevisionFolder(failing)).revisions];
  const more = witnessed(await loadProject(both), 0);
  await upgrade({ revisions: more, database: database.url, target: 'y' });
  await expect(upgrade({ revisions: more, database: database.url, target: 'x' })).rejects.toMatchObject({
    details: { place: { line: 8 } },
  });
  await database.drop();
});

test('a seed repeats the choices of a case, and no two cases have the same', () => {
  const thrown = (...about: [number, string, number]) => {
    const dice = diceOf(...about);
    return Array.from({ length: 3 }, dice);
  };
  expect(thrown(1, 'cut', 2)).toEqual(thrown(1, 'cut', 2));
  expect(thrown(1, 'cut', 2)).not.toEqual(thrown(1, 'cut', 3));
  expect(thrown(1, 'cut', 2)).not.toEqual(thrown(2, 'cut', 2));
});

test('what can’t be: a kind that there is not, a database without processes', async () => {
  const revisions = chaosFolder(under, 1);
  await expect(short({ revisions, kinds: ['flood' as 'race'] })).rejects.toMatchObject({ code: 'usage' });
  await expect(short({ revisions, server: 'pglite:memory' })).rejects.toMatchObject({ code: 'usage' });
});
