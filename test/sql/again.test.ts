import { expect, test } from 'vitest';
import { runAgain } from '../../lib/sql/again.js';

/* What a second run of statements does. */

test.each([
  ['', 'harmless'],
  ['SELECT 1', 'harmless'],
  ['-- nothing\n', 'harmless'],
  ["SELECT count(*) FROM t WHERE x = 'a'", 'harmless'],
  ['GRANT SELECT ON t TO PUBLIC; REVOKE ALL ON u FROM PUBLIC', 'harmless'],
  ['GRANT a TO b', 'harmless'],
  ['ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO a', 'harmless'],
  ["COMMENT ON TABLE t IS 'x'; SET lock_timeout = 5; ANALYZE t", 'harmless'],
  ['CREATE TABLE IF NOT EXISTS t (id int); CREATE INDEX IF NOT EXISTS i ON t (id)', 'guarded'],
  ['ALTER TABLE t ADD COLUMN IF NOT EXISTS a int, ALTER a SET DEFAULT 1, DROP COLUMN IF EXISTS b', 'guarded'],
  ['CREATE OR REPLACE VIEW v AS SELECT 1; DROP VIEW IF EXISTS w; GRANT SELECT ON v TO PUBLIC', 'guarded'],
  ["CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", 'guarded'],
  ["ALTER TYPE e ADD VALUE IF NOT EXISTS 'x'", 'guarded'],
  ['INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING', 'guarded'],
  ['CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE SCHEMA IF NOT EXISTS s', 'guarded'],
  ['CREATE TABLE t (id int)', 'matters'],
  ['CREATE TABLE IF NOT EXISTS t (id int); UPDATE t SET id = 2', 'matters'],
  ['INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET n = t.n + 1', 'matters'],
  ['WITH w AS (DELETE FROM u RETURNING *) INSERT INTO t SELECT * FROM w ON CONFLICT DO NOTHING', 'matters'],
  ["SELECT nextval('q')", 'matters'],
  ["SELECT setval('q', 1)", 'matters'],
  ['SELECT do_it()', 'matters'],
  ['SELECT * INTO u FROM t', 'matters'],
  ['ALTER TABLE t ADD COLUMN a int', 'matters'],
  ['DO $$ BEGIN NULL; END $$', 'matters'],
])('%s: %s', async (sql, expected) => {
  expect(await runAgain(sql)).toBe(expected);
});
