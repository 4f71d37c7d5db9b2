import { describe, expect, it } from 'vitest';
import { checksumSql } from '../../lib/revision/checksum.js';
import { defineRevision } from '../../lib/revision/define.js';
import type { RevisionDefinition } from '../../lib/revision/object-body.js';
import type { RevisionContext } from '../../lib/revision/revision.js';
import { thrown } from './thrown.js';

describe('defineRevision', () => {
  it('gives a revision like one of a file', () => {
    const revision = defineRevision({
      revision: '__proto__',
      revises: 'a',
      dependsOn: ['?b', 'auth@head'],
      labels: ['x'],
      message: ' two\nlines ',
      requires: ['postgres >=14', 'extension pgcrypto'],
      transaction: 'none',
      idempotent: true,
      irreversible: 'why',
      loses: 'rows',
      upgrade: 'SELECT 1',
    });
    expect(revision).toEqual({
      revision: '__proto__',
      revises: ['a'],
      dependsOn: ['?b', 'auth@head'],
      labels: ['x'],
      message: 'two lines',
      file: null,
      header: {
        transaction: 'none',
        requires: [
          { kind: 'postgres', range: '>=14', line: 0 },
          { kind: 'extension', name: 'pgcrypto', line: 0 },
        ],
        idempotent: true,
        irreversible: 'why',
        adopt: false,
        loses: 'rows',
        background: false,
        kind: 'object',
      },
      body: expect.any(Function),
    });
  });

  it('with SQL has the body and the checksum of a file', async () => {
    const revision = defineRevision({
      revision: 'a',
      precheck: { title: 'one', sql: 'SELECT 1', expect: 1 },
      upgrade: 'CREATE TABLE t ();\r\n-- words\n',
      downgrade: 'DROP TABLE t;',
      probe: 'SELECT true',
    });
    const body = await revision.body();
    expect(body).toMatchObject({
      kind: 'sql',
      precheck: [{ title: 'one', expect: '1', sql: 'SELECT 1', line: 1 }],
      verify: [],
      upgrade: { sql: expect.stringContaining('CREATE TABLE'), line: 1 },
      downgrade: { sql: 'DROP TABLE t;', line: 1 },
      probe: { sql: 'SELECT true', line: 1 },
    });
    const file =
      '-- @revision a\n-- @precheck "x" expect 1\nSELECT 1\n-- @upgrade\nCREATE TABLE t ();\n-- @downgrade\nDROP TABLE t;\n-- @probe\nSELECT true';
    expect(body.checksum).toBe(await checksumSql(file));
  });

  it('with a function runs SQL of the other direction statement by statement', async () => {
    const queries: string[] = [];
    const body = await defineRevision({
      revision: 'a',
      upgrade: async ({ db }) => db.query('up'),
      downgrade: "DELETE FROM t; INSERT INTO u VALUES (';');",
    }).body();
    if (body.kind !== 'code') expect.fail('not code');
    const query: RevisionContext['db']['query'] = async (sql) => {
      queries.push(String(sql));
      return { rows: [], rowCount: 0, command: '', fields: [] };
    };
    const context = { db: { query }, revision: 'a' } as RevisionContext;
    await body.upgrade?.(context);
    await body.downgrade?.(context);
    expect(queries).toEqual(['up', 'DELETE FROM t', "INSERT INTO u VALUES (';')"]);
  });

  it('sees a change of code and of SQL beside it in the checksum', async () => {
    const sums = await Promise.all(
      [
        { upgrade: () => 1, downgrade: 'SELECT 1' },
        { upgrade: () => 2, downgrade: 'SELECT 1' },
        { upgrade: () => 1, downgrade: 'SELECT 2' },
      ].map(async (parts) => (await defineRevision({ revision: 'a', ...parts }).body()).checksum),
    );
    expect(new Set(sums).size).toBe(3);
  });

  it('a merge point may do nothing', async () => {
    const body = await defineRevision({ revision: 'm', revises: ['a', 'b'] }).body();
    expect(body).toMatchObject({ kind: 'sql', upgrade: null, downgrade: null });
  });

  it.each([
    ['illegal', 'a b', 'illegal_revision_id'],
    ['reserved', 'head', 'reserved_id'],
    ['missing', undefined, 'illegal_revision_id'],
  ])('id %s', async (_, revision, code) => {
    const definition = { revision, upgrade: 'SELECT 1' } as RevisionDefinition;
    const { details } = await thrown('graph_invalid', () => defineRevision(definition));
    expect(details.problems).toEqual([{ code, revision: String(revision) }]);
  });

  it.each([
    ['no upgrade', {}, /upgrade is missing/],
    ['empty upgrade', { upgrade: ' ' }, /upgrade is a string, not SQL/],
    ['odd upgrade', { upgrade: 7 }, /upgrade is a number, not SQL or a function/],
    ['odd downgrade', { upgrade: 'SELECT 1', downgrade: null }, /downgrade is null/],
    ['odd parents', { upgrade: 'SELECT 1', revises: [7] }, /revises must be a string or a list of strings/],
    ['illegal parent', { upgrade: 'SELECT 1', revises: 'a b' }, /"a b", which is not a valid id/],
    ['parent twice', { upgrade: 'SELECT 1', revises: ['a', 'a'] }, /names a twice/],
    ['odd prerequisite', { upgrade: 'SELECT 1', dependsOn: 'a@base' }, /invalid name "a@base"/],
    ['odd requirement', { upgrade: 'SELECT 1', requires: ['mysql'] }, /@requires "mysql" is not known/],
    ['odd transaction', { upgrade: 'SELECT 1', transaction: 'all' }, /transaction must be 'none'/],
    ['odd check', { upgrade: 'SELECT 1', verify: { title: 'x' } }, /verify has no sql/],
    ['odd message', { upgrade: 'SELECT 1', message: 7 }, /message is a number/],
    ['odd probe', { upgrade: 'SELECT 1', probe: 1 }, /probe is a number/],
    ['no reason', { upgrade: 'SELECT 1', irreversible: ' ' }, /irreversible needs a reason/],
    [
      'both',
      { upgrade: 'SELECT 1', downgrade: 'SELECT 1', irreversible: 'x' },
      /@irreversible and downgrade/,
    ],
    ['documentation', { adopt: true, upgrade: 'SELECT 1' }, /@adopt and upgrade .* @adopt requires verify/],
  ])('%s', async (_, parts, message) => {
    const definition = { revision: 'a', ...parts } as unknown as RevisionDefinition;
    const error = await thrown('usage', () => defineRevision(definition));
    expect(error.message).toMatch(message);
    expect(error.message).toContain('defineRevision("a")');
  });
});
