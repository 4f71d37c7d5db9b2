import { describe, expect, test } from 'vitest';
import { rewritesRows } from '../../lib/sql/rewriting.js';
import { splitStatements } from '../../lib/sql/statements.js';
import type { Touch } from '../../lib/sql/touch.js';

async function touches(sql: string): Promise<readonly Touch[]> {
  return (await splitStatements(sql, { file: 'a.sql', line: 1 })).flatMap((statement) => statement.touches);
}

const at = (name: string, schema: string | null = null) => ({ schema, name });

describe('what a statement touches', () => {
  test.each<[sql: string, found: unknown[]]>([
    ['CREATE TABLE s.t (id int)', [{ kind: 'create', object: 'table', name: at('t', 's') }]],
    ['CREATE TEMP TABLE t (id int)', [{ kind: 'create', temporary: true }]],
    [
      'CREATE TABLE t (a int REFERENCES p, FOREIGN KEY (a) REFERENCES s.q (x))',
      [
        { kind: 'create' },
        { kind: 'references', table: at('p') },
        { kind: 'references', table: at('q', 's') },
      ],
    ],
    [
      'DROP TABLE a, s.b CASCADE',
      [
        { kind: 'drop', object: 'table', name: at('a') },
        { kind: 'drop', name: at('b', 's') },
      ],
    ],
    ['DROP FUNCTION f(int)', []],
    [
      'DROP SCHEMA a, b',
      [
        { kind: 'drop-schema', schema: 'a' },
        { kind: 'drop-schema', schema: 'b' },
      ],
    ],
    ['ALTER TABLE a RENAME TO b', [{ kind: 'rename', table: at('a'), to: at('b') }]],
    ['ALTER TABLE s.a SET SCHEMA t', [{ kind: 'rename', table: at('a', 's'), to: at('a', 't') }]],
    ['ALTER TABLE a RENAME b TO c', [{ kind: 'rename-column', column: 'b', to: 'c' }]],
    ['CREATE UNIQUE INDEX i ON v (a, b)', [{ kind: 'index', table: at('v'), name: 'i', unique: true }]],
    ['CREATE UNIQUE INDEX ON v (lower(a))', [{ kind: 'index', unique: false }]],
    ['CREATE UNIQUE INDEX ON v (a) WHERE a > 0', [{ kind: 'index', unique: false }]],
    ['REFRESH MATERIALIZED VIEW CONCURRENTLY v', [{ kind: 'refresh', view: at('v'), concurrently: true }]],
    [
      'CREATE MATERIALIZED VIEW v AS SELECT * FROM t WITH NO DATA',
      [
        { kind: 'create', object: 'matview', populated: false },
        { kind: 'rows', verb: 'select', table: at('t') },
      ],
    ],
    ['CREATE VIEW v AS SELECT * FROM t', [{ kind: 'create', object: 'view' }]],
    ['DELETE FROM a', [{ kind: 'rows', verb: 'delete', table: at('a'), all: true }]],
    [
      'DELETE FROM a USING b WHERE a.id = b.id',
      [
        { kind: 'rows', verb: 'delete', all: false },
        { kind: 'rows', verb: 'select', table: at('b') },
      ],
    ],
    [
      'WITH gone AS (DELETE FROM x RETURNING *) INSERT INTO y SELECT * FROM gone JOIN z USING (id) ON CONFLICT (id) DO UPDATE SET id = 1',
      [
        { kind: 'rows', verb: 'insert', table: at('y') },
        { kind: 'rows', verb: 'update', table: at('y') },
        { kind: 'rows', verb: 'select', table: at('z') },
        { kind: 'rows', verb: 'delete', table: at('x') },
      ],
    ],
    [
      'MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1)',
      [
        { verb: 'insert', table: at('a') },
        { verb: 'delete', table: at('a') },
        { verb: 'select', table: at('b') },
      ],
    ],
    [
      'TRUNCATE a, b',
      [
        { kind: 'truncate', table: at('a') },
        { kind: 'truncate', table: at('b') },
      ],
    ],
    ['DO $$ BEGIN END $$', [{ kind: 'opaque' }]],
    ['SELECT recompute()', [{ kind: 'opaque' }]],
    ["SELECT setval('s', 1)", []],
    ["SELECT pg_catalog.set_config('search_path', '', false)", [{ kind: 'search-path' }]],
    ['SET ROLE other', [{ kind: 'rights' }]],
    ['GRANT SELECT ON t TO other', [{ kind: 'rights' }]],
    ['CREATE EXTENSION IF NOT EXISTS "uuid-ossp"', [{ kind: 'extension', name: 'uuid-ossp' }]],
    ["COMMENT ON COLUMN s.t.a IS 'x'", [{ kind: 'needs', right: 'own', table: at('t', 's') }]],
    ['ALTER TYPE t ADD VALUE $$x$$', []],
  ])('%s', async (sql, found) => {
    const seen = await touches(sql);
    expect(seen).toHaveLength(found.length);
    for (const one of found) expect(seen).toContainEqual(expect.objectContaining(one));
  });

  test('the commands of an ALTER TABLE', async () => {
    const [alter] = await touches(`ALTER TABLE t
      ADD COLUMN IF NOT EXISTS a int DEFAULT 5 REFERENCES p (id), ADD b uuid DEFAULT gen_random_uuid(), ADD c timestamptz DEFAULT now(),
      ALTER d TYPE varchar(50) USING d::text, ALTER e TYPE int USING length(e), ALTER f DROP DEFAULT, ALTER g SET NOT NULL, DROP h,
      ADD FOREIGN KEY (i, j) REFERENCES s.q NOT VALID, OWNER TO other`);
    expect(alter).toMatchObject({
      kind: 'alter',
      alterations: [
        {
          kind: 'add-column',
          column: 'a',
          ifNotExists: true,
          rewrites: null,
          foreignKey: { target: at('p'), targetColumns: ['id'], filledWith: '5', valid: true },
        },
        { kind: 'add-column', column: 'b', rewrites: expect.stringContaining('gen_random_uuid') },
        { kind: 'add-column', column: 'c', rewrites: null },
        { kind: 'type', column: 'd', type: { name: 'varchar', modifiers: [50] }, converts: false },
        { kind: 'type', column: 'e', type: { name: 'int4' }, converts: true },
        { kind: 'drop-default', column: 'f' },
        { kind: 'set-not-null', column: 'g' },
        { kind: 'drop-column', column: 'h' },
        {
          kind: 'foreign-key',
          key: { columns: ['i', 'j'], target: at('q', 's'), targetColumns: null, valid: false },
        },
        { kind: 'owner' },
      ],
    });
  });
});

/** Modifiers as PostgreSQL keeps them: varchar(20) is 24, numeric(8,2) is 8 << 16 | 2, plus 4. */
test.each<[now: string, modifier: number, then: string, modifiers: number[], rewrites: boolean]>([
  ['varchar', 24, 'varchar', [40], false],
  ['varchar', 24, 'varchar', [], false],
  ['varchar', 24, 'varchar', [10], true],
  ['varchar', -1, 'varchar', [10], true],
  ['varchar', 24, 'text', [], false],
  ['text', -1, 'varchar', [], false],
  ['text', -1, 'varchar', [10], true],
  ['text', -1, 'jsonb', [], true],
  ['bpchar', 14, 'text', [], true],
  ['numeric', (8 << 16) + 2 + 4, 'numeric', [12, 2], false],
  ['numeric', (8 << 16) + 2 + 4, 'numeric', [12, 3], true],
  ['numeric', (8 << 16) + 2 + 4, 'numeric', [6, 2], true],
  ['numeric', (8 << 16) + 2 + 4, 'numeric', [], false],
  ['numeric', -1, 'numeric', [8, 2], true],
  ['varbit', 8, 'varbit', [16], false],
  ['cidr', -1, 'inet', [], false],
  ['inet', -1, 'cidr', [], true],
  ['timestamp', 3, 'timestamp', [], false],
  ['timestamp', -1, 'timestamp', [3], true],
  ['timestamp', -1, 'timestamptz', [], true],
  ['int4', -1, 'int8', [], true],
  ['int4', -1, 'int4', [], false],
])('%s (%i) to %s(%j) writes every row anew: %s', (type, modifier, name, modifiers, rewrites) => {
  const then = { schema: null, name, modifiers, array: false };
  expect(rewritesRows({ type, modifier }, then, false)).toBe(rewrites);
});
