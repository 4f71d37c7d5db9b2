import { describe, expect, test } from 'vitest';
import { doctor, stamp, upgrade } from '../../lib/index.js';
import { catalogueOf } from '../support/catalogue.js';
import { databasePerTest } from '../support/history.js';
import { folderWith } from '../support/project.js';
import { chainFiles } from './chain.js';

/* What a pending revision makes, made beforehand by hand: told, and in the way of an upgrade before step one. */

const { database } = databasePerTest();

async function at(revision: string, ...byHand: string[]) {
  const revisions = folderWith(
    chainFiles({
      a: 'CREATE TABLE t (i int);',
      b: 'ALTER TABLE t ADD j int; CREATE INDEX ix ON t (j); CREATE TABLE u (i int); CREATE EXTENSION IF NOT EXISTS cube;',
      c: 'ALTER TABLE t DROP j; DROP TABLE u;',
    }),
  );
  await catalogueOf(revisions);
  const project = { revisions, database: database.url };
  await upgrade({ ...project, target: revision });
  for (const statement of byHand) await database.query(statement);
  return project;
}

describe('what is there early', () => {
  test.each([
    ['a column', 'ALTER TABLE t ADD j int', ['column public.t.j: integer']],
    ['a table', 'CREATE TABLE u (k int)', ['column public.u.k: integer', 'table public.u']],
  ])('%s: doctor says so, and an upgrade is refused before step one', async (_, byHand, unexpected) => {
    const project = await at('a', byHand);
    expect(await doctor(project)).toMatchObject({
      ok: false,
      evidence: ['a'],
      findings: [
        {
          code: 'early',
          revision: 'b',
          unexpected: expect.arrayContaining(unexpected.slice(-1)),
          message: 'b has not run, but 1 object that it makes is there already: an upgrade may fail there',
        },
      ],
      mends: [],
    });
    await expect(upgrade(project)).rejects.toMatchObject({
      code: 'preflight_refused',
      details: { checks: [{ name: 'exists', revision: 'b' }] },
    });
    await upgrade({ ...project, target: 'a' });
  });

  test('an extension is in nobody’s way', async () => {
    const project = await at('a', 'CREATE EXTENSION cube');
    expect(await doctor(project)).toMatchObject({ ok: true, findings: [] });
    await upgrade(project);
    expect(await doctor(project)).toMatchObject({ ok: true, foreign: [] });
  });

  test('what a revision took away, and is there, is drift of that one, and not early', async () => {
    const project = await at('c', 'ALTER TABLE t ADD j int');
    expect((await doctor(project)).findings.map(({ code, revision }) => `${code} ${revision}`)).toEqual([
      'drift c',
    ]);
  });

  test('what a stamp accepted is no finding, and nothing of it is mended', async () => {
    const project = await at('a', 'CREATE INDEX ix ON t (i)', 'DROP TABLE revgraph_version, revgraph_ledger');
    await stamp({ ...project, auto: true, acceptDrift: true, reason: 'made beforehand' });
    expect(await doctor(project)).toMatchObject({
      ok: true,
      accepted: [{ object: 'index public.ix' }],
      mends: [],
    });
  });
});
