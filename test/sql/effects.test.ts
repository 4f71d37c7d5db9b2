import { expect, test } from 'vitest';
import { effectsOfSql } from '../../lib/sql/effects/statement.js';
import { effectsOfText } from '../../lib/sql/effects/text.js';
import { clash, MADE, type UnseenEffect } from '../../lib/sql/effects/unseen.js';

/* What statements leave behind and look at that the shape of a schema does not show. */

const told = (effects: readonly UnseenEffect[]): string =>
  effects
    .filter(
      ({ on, name }) =>
        on !== 'form' &&
        on !== 'order' &&
        on !== 'events' &&
        on !== 'catalog' &&
        on !== 'definition' &&
        !name.startsWith(MADE),
    )
    .map(({ on, schema, name }) => `${on} ${schema === null ? '' : `${schema}.`}${name}`)
    .join(', ');

test.each([
  ['INSERT INTO a SELECT x FROM s.b', 'rows a', 'rows s.b'],
  ['UPDATE a SET x = f(1) FROM b WHERE a.id = b.id', 'rows a', 'rows b, function f'],
  ['WITH b AS (DELETE FROM a RETURNING *) INSERT INTO c SELECT * FROM b', 'rows c, rows a', ''],
  ['TRUNCATE a, b', 'rows a, rows b', ''],
  ["COPY a FROM '/tmp/a'", 'rows a', ''],
  ['CREATE OR REPLACE VIEW v AS SELECT * FROM a', 'view v', ''],
  ['DROP VIEW v', 'view v, rights v', ''],
  ['CREATE MATERIALIZED VIEW m AS SELECT * FROM a', 'view m', 'rows a'],
  ['REFRESH MATERIALIZED VIEW m', 'rows m', 'rows m'],
  ["CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", 'function s.f', ''],
  ['DROP FUNCTION f(int)', 'function f, rights f', ''],
  ['ALTER FUNCTION f(int) STABLE', 'function f, properties f', ''],
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
  ['CREATE TABLE a (id int); ALTER TABLE a ADD x int; COMMENT ON TABLE a IS $$x$$', 'comment a', ''],
  ['CREATE TEMP TABLE w (n int); INSERT INTO w SELECT n FROM a', '', 'rows a'],
  ['DO $$ BEGIN UPDATE s.a SET x = 1; INSERT INTO b VALUES (1); END $$', 'rows s.a, rows b', ''],
  ["DO $$ BEGIN EXECUTE 'CREATE OR REPLACE VIEW v AS SELECT 1'; END $$", 'view v', ''],
  [
    "DO $$ BEGIN EXECUTE format('UPDATE %I SET x = 1', 't'); PERFORM s.f(1); END $$",
    'rows *',
    'function s.f',
  ],
  ["DO $$ BEGIN EXECUTE 'DELETE FROM ' || t; END $$", 'rows *', ''],
  ["DO $$ BEGIN EXECUTE format('ALTER TABLE %I ADD x int', 't'); END $$", '', ''],
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

test('code: a table whose name is put together may be any', () => {
  expect(told(effectsOfText('query(`TRUNCATE \x24{table}`)').writes)).toContain('rows *');
});

/* Two statements of which the order counts, and two of which it does not. */

const none = (): boolean => false;
test.each([
  ['ALTER TABLE a ALTER x SET DEFAULT 2', 'INSERT INTO a VALUES (1)', 'form a'],
  [
    'CREATE TRIGGER t BEFORE INSERT OR UPDATE ON a FOR EACH ROW EXECUTE FUNCTION f()',
    'UPDATE a SET x = 1',
    'form a',
  ],
  ['DROP TRIGGER t ON s.a', 'INSERT INTO a VALUES (1)', 'form s.a'],
  ['ALTER TABLE a DISABLE TRIGGER t', 'INSERT INTO a VALUES (1)', 'form a'],
  ['CREATE RULE r AS ON INSERT TO a DO ALSO INSERT INTO l VALUES (1)', 'INSERT INTO a VALUES (1)', 'form a'],
  ['ALTER TABLE a ALTER x TYPE int', 'UPDATE a SET x = x * 1.5', 'form a'],
  ['ALTER TABLE a ALTER x TYPE int', 'INSERT INTO b SELECT x FROM a', 'form a'],
  ['ALTER TABLE a DROP CONSTRAINT u', 'INSERT INTO a VALUES (1) ON CONFLICT DO NOTHING', 'form a'],
  ['ALTER TABLE a RENAME TO b', 'INSERT INTO a VALUES (1)', 'form a'],
  ['ALTER TABLE b RENAME TO a', 'INSERT INTO a VALUES (1)', 'form a'],
  ['ALTER TABLE a RENAME x TO y', 'UPDATE a SET x = 1', 'form a'],
  ['ALTER TABLE a SET SCHEMA s', 'INSERT INTO a VALUES (1)', 'form a'],
  ['DROP TABLE a', "COPY a FROM '/tmp/a'", 'form a'],
  ['ALTER TABLE c ADD FOREIGN KEY (a) REFERENCES a ON DELETE CASCADE', 'DELETE FROM a', 'form a'],
  ['CREATE TABLE c (a int REFERENCES a ON UPDATE SET NULL)', 'UPDATE a SET id = 2', 'form a'],
  ['ALTER SEQUENCE a_id_seq INCREMENT BY 10', 'INSERT INTO a (x) VALUES (1)', 'form a'],
  ["INSERT INTO a VALUES (nextval('q'))", "INSERT INTO b VALUES (nextval('q'))", 'sequence q'],
  [
    'CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 2$$',
    'ALTER TABLE a ADD y int DEFAULT f()',
    'function f',
  ],
  [
    'CREATE OR REPLACE FUNCTION f(text) RETURNS int LANGUAGE sql AS $$SELECT 2$$',
    'ALTER TABLE a ALTER x TYPE int USING f(x)',
    'function f',
  ],
  ['GRANT SELECT ON a TO PUBLIC', 'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC', 'rights public.*'],
  [
    'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC',
    'CREATE TABLE a (id int)',
    'rights +OBJECT_TABLE',
  ],
  ['ALTER VIEW v SET (security_barrier = true)', 'CREATE OR REPLACE VIEW v AS SELECT 1', 'properties v'],
  ['DO $$ BEGIN ALTER TABLE a ALTER x SET DEFAULT 1; END $$', 'INSERT INTO a VALUES (1)', 'form a'],
  ['TRUNCATE b CASCADE', 'INSERT INTO a VALUES (1)', 'rows *'],
  ['ALTER DOMAIN d SET DEFAULT 2', 'INSERT INTO a VALUES (1)', 'form *'],
  ['ALTER TABLE a ALTER x SET DEFAULT 2', 'CREATE TABLE b (LIKE a INCLUDING DEFAULTS)', 'form a'],
  ['TRUNCATE a RESTART IDENTITY', 'INSERT INTO a (x) VALUES (1)', 'rows a'],
  ['ALTER TABLE a ALTER x SET DEFAULT 2', 'UPDATE a SET y = 1', null],
  ['ALTER TABLE a ALTER x SET DEFAULT 2', 'DELETE FROM a', null],
  ['CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION f()', 'INSERT INTO a VALUES (1)', null],
  ['CREATE TABLE c (a int REFERENCES a ON DELETE CASCADE)', 'UPDATE a SET x = 1', null],
  ['CREATE TABLE c (a int REFERENCES a ON DELETE CASCADE)', 'INSERT INTO a VALUES (1)', null],
  ['ALTER TABLE a DROP CONSTRAINT k', 'UPDATE a SET x = 1', null],
  ['DO $$ BEGIN ALTER TABLE a ADD COLUMN x int; END $$', 'UPDATE a SET y = 1', null],
  ['CREATE TABLE a (id int)', 'ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO PUBLIC', null],
  [
    'CREATE TABLE b (a int REFERENCES a ON DELETE CASCADE)',
    'CREATE TABLE c (a int REFERENCES a ON DELETE CASCADE)',
    null,
  ],
  ['ALTER TABLE a ALTER x SET DEFAULT 2', 'ALTER TABLE a RENAME TO b', 'definition a'],
  ['ALTER TABLE a ADD x int', 'INSERT INTO a VALUES (1)', null],
  ['CREATE INDEX i ON a (x)', 'UPDATE a SET x = 1', null],
  ['ALTER TABLE a ADD CONSTRAINT k CHECK (x > 0)', 'INSERT INTO a VALUES (1)', null],
  ['ALTER TABLE c ADD FOREIGN KEY (a) REFERENCES a', 'DELETE FROM a', null],
  ['ALTER TABLE a ALTER x SET DEFAULT 2', 'INSERT INTO b VALUES (1)', null],
  ["CREATE TABLE c (n int DEFAULT nextval('q'))", "INSERT INTO b VALUES (nextval('q'))", null],
  ['GRANT SELECT ON a TO PUBLIC', 'CREATE TABLE b (id int)', null],
  ['CREATE VIEW v AS SELECT 1', 'CREATE VIEW w AS SELECT 1', null],
])('%s · %s', async (one, other, by) => {
  const [first, second] = [await effectsOfSql(one), await effectsOfSql(other)];
  const text = (found: UnseenEffect | null): string | null =>
    found === null ? null : `${found.on} ${found.schema === null ? '' : `${found.schema}.`}${found.name}`;
  expect(text(clash(first, second, none))).toBe(by);
  expect(clash(second, first, none) === null).toBe(by === null);
});
