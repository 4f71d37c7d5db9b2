import { expect, test } from 'vitest';
import { effectsOfSql, effectsOfText, type UnseenEffect } from '../../lib/sql/effects.js';

/* What statements leave behind and look at that the shape of a schema does not show. */

const told = (effects: readonly UnseenEffect[]): string =>
  effects.map(({ on, schema, name }) => `${on} ${schema === null ? '' : `${schema}.`}${name}`).join(', ');

test.each([
  ['INSERT INTO a SELECT x FROM s.b', 'rows a', 'rows s.b'],
  ['UPDATE a SET x = f(1) FROM b WHERE a.id = b.id', 'rows a', 'rows b, function f'],
  ['WITH b AS (DELETE FROM a RETURNING *) INSERT INTO c SELECT * FROM b', 'rows c, rows a', ''],
  ['TRUNCATE a, b', 'rows a, rows b', ''],
  ["COPY a FROM '/tmp/a'", 'rows a', ''],
  ['CREATE OR REPLACE VIEW v AS SELECT * FROM a', 'view v', ''],
  ['DROP VIEW v', 'view v', ''],
  ['CREATE MATERIALIZED VIEW m AS SELECT * FROM a', 'view m', 'rows a'],
  ['REFRESH MATERIALIZED VIEW m', 'rows m', 'rows m'],
  ["CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", 'function s.f', ''],
  ['DROP FUNCTION f(int)', 'function f', ''],
  ['ALTER FUNCTION f(int) STABLE', 'function f', ''],
  ['CREATE OR REPLACE RULE r AS ON INSERT TO a DO NOTHING', 'rule a.r', ''],
  ['ALTER POLICY p ON a USING (true)', 'policy a.p', ''],
  ["SELECT setval('a_id_seq', 7)", 'sequence a_id_seq', 'function setval'],
  ['ALTER SEQUENCE q RESTART WITH 5', 'sequence q', ''],
  ['ALTER TABLE a ALTER x TYPE int USING x::int * 2', 'rows a', ''],
  ['ALTER TABLE a ALTER x TYPE int USING x::int', '', ''],
  ['ALTER TABLE a SET (fillfactor = 70)', 'properties a', ''],
  ['ALTER TABLE a OWNER TO o', 'properties a', ''],
  ['GRANT SELECT ON a TO PUBLIC', '', 'rights a'],
  ['REVOKE SELECT ON a FROM PUBLIC', 'rights a', ''],
  ['ALTER PUBLICATION p ADD TABLE a', 'publication p', ''],
  ['CREATE TABLE a (id int); ALTER TABLE a ADD x int; COMMENT ON TABLE a IS $$x$$', '', ''],
  ['CREATE TEMP TABLE w (n int); INSERT INTO w SELECT n FROM a', '', 'rows a'],
  ['DO $$ BEGIN UPDATE s.a SET x = 1; INSERT INTO b VALUES (1); END $$', 'rows s.a, rows b', ''],
  ["DO $$ BEGIN EXECUTE 'CREATE OR REPLACE VIEW v AS SELECT 1'; END $$", 'view v', ''],
])('%s', async (sql, writes, reads) => {
  const found = await effectsOfSql(sql);
  expect([told(found.writes), told(found.reads)]).toEqual([writes, reads]);
});

test('code: what its text names', () => {
  const { writes, reads } = effectsOfText(
    'await db.update("item", rows); await db.query(`DELETE FROM "Odd" WHERE id IN (SELECT id FROM s.old)`); await batches({ table: \'big\' })',
  );
  expect([told(writes), told(reads)]).toEqual(['rows Odd, rows item, rows big', 'rows Odd, rows s.old']);
});
