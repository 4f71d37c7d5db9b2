import { describe, expect, it } from 'vitest';
import { createdExtensions, type Statement, splitStatements } from '../../lib/sql/statements.js';
import { thrown } from './thrown.js';

const split = (sql: string, line = 1) => splitStatements(sql, { file: 'a.sql', line });

async function one(sql: string): Promise<Statement> {
  const [statement, ...others] = await split(sql);
  expect(others).toEqual([]);
  if (statement === undefined) expect.fail('no statement');
  return statement;
}

describe('splitStatements', () => {
  it('gives text, line and kind, behind comments and characters of many bytes', async () => {
    const sql = `-- größer — 😀
CREATE TABLE "größe" (a text DEFAULT '€;😀'); /* zwei */ -- ü
;;
  CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $körper$
    SELECT 'é;'; -- ;
  $körper$

  ;  INSERT INTO t VALUES ('é') ; SELECT 1 -- Ende`;
    expect((await split(sql, 10)).map(({ sql: text, line, node }) => [line, node, text])).toEqual([
      [11, 'CreateStmt', `CREATE TABLE "größe" (a text DEFAULT '€;😀')`],
      [
        13,
        'CreateFunctionStmt',
        `CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $körper$\n    SELECT 'é;'; -- ;\n  $körper$`,
      ],
      [17, 'InsertStmt', `INSERT INTO t VALUES ('é')`],
      [17, 'SelectStmt', 'SELECT 1 -- Ende'],
    ]);
  });

  it.each(['', '  \n ', '-- only words', '/* so */;;'])('has none in %j', async (sql) => {
    expect(await split(sql)).toEqual([]);
  });

  it('carries the file', async () => {
    expect((await one('SELECT 1')).file).toBe('a.sql');
  });

  it('keeps BEGIN ATOMIC and rules in one piece', async () => {
    const atomic = 'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END';
    const rule = 'CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2)';
    expect((await split(`${atomic};\n${rule};`)).map(({ sql }) => sql)).toEqual([atomic, rule]);
  });
});

describe('what may run in a transaction', () => {
  it.each([
    ['CREATE INDEX CONCURRENTLY ON t (a)', 'CREATE INDEX CONCURRENTLY'],
    ['CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)', 'CREATE INDEX CONCURRENTLY'],
    ['DROP INDEX CONCURRENTLY i', 'DROP INDEX CONCURRENTLY'],
    ['REINDEX TABLE CONCURRENTLY t', 'REINDEX CONCURRENTLY'],
    ['REINDEX (VERBOSE, CONCURRENTLY) INDEX i', 'REINDEX CONCURRENTLY'],
    ['REINDEX (CONCURRENTLY true) INDEX i', 'REINDEX CONCURRENTLY'],
    ['REINDEX DATABASE d', 'REINDEX DATABASE'],
    ['REINDEX SYSTEM d', 'REINDEX SYSTEM'],
    ['REINDEX SCHEMA s', 'REINDEX SCHEMA'],
    ['VACUUM', 'VACUUM'],
    ['VACUUM (FULL, ANALYZE) t', 'VACUUM'],
    ['CREATE DATABASE d', 'CREATE DATABASE'],
    ['DROP DATABASE IF EXISTS d', 'DROP DATABASE'],
    ["CREATE TABLESPACE s LOCATION '/x'", 'CREATE TABLESPACE'],
    ['DROP TABLESPACE s', 'DROP TABLESPACE'],
    ["ALTER SYSTEM SET work_mem = '1MB'", 'ALTER SYSTEM'],
    ['ALTER DATABASE d SET TABLESPACE s', 'ALTER DATABASE … SET TABLESPACE'],
    ['CLUSTER', 'CLUSTER of all tables'],
    ['ALTER TABLE t DETACH PARTITION p CONCURRENTLY', 'DETACH PARTITION CONCURRENTLY'],
    ["CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p", 'CREATE SUBSCRIPTION that makes its slot'],
    [
      "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (create_slot)",
      'CREATE SUBSCRIPTION that makes its slot',
    ],
    ['DROP SUBSCRIPTION s', 'DROP SUBSCRIPTION'],
    ['ALTER SUBSCRIPTION s REFRESH PUBLICATION', 'ALTER SUBSCRIPTION … REFRESH PUBLICATION'],
    ['ALTER SUBSCRIPTION s ADD PUBLICATION p', 'ALTER SUBSCRIPTION … PUBLICATION with refresh'],
    ['ALTER SUBSCRIPTION s SET (failover = true)', 'ALTER SUBSCRIPTION … SET (failover)'],
  ])('outside: %s', async (sql, reason) => {
    expect(await one(sql)).toMatchObject({ transactional: 'outside', reason });
  });

  it.each([
    'CREATE INDEX ON t (a)',
    'DROP INDEX i',
    'REINDEX TABLE t',
    'REINDEX (CONCURRENTLY false) TABLE t',
    'REINDEX (CONCURRENTLY 0) TABLE t',
    'ANALYZE t',
    'CLUSTER t USING i',
    'ALTER DATABASE d SET work_mem = 1',
    'ALTER TABLE t DETACH PARTITION p',
    'ALTER TABLE t DETACH PARTITION p FINALIZE',
    "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (create_slot = false)",
    "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (connect = off)",
    'ALTER SUBSCRIPTION s SET PUBLICATION p WITH (refresh = false)',
    'ALTER SUBSCRIPTION s DISABLE',
    'REFRESH MATERIALIZED VIEW CONCURRENTLY m',
    "ALTER TYPE mood ADD VALUE 'fine'",
    "SELECT 'VACUUM; CREATE INDEX CONCURRENTLY'",
    "DO $$ BEGIN PERFORM 'VACUUM'; END $$",
    'SAVEPOINT a',
    'RELEASE a',
    'ROLLBACK TO a',
    "COPY t FROM '/tmp/x'",
    'DISCARD TEMP',
  ])('inside: %s', async (sql) => {
    expect(await one(sql)).toMatchObject({ transactional: 'inside', reason: null });
  });

  it.each([
    ['BEGIN', 'BEGIN'],
    ['START TRANSACTION READ ONLY', 'START TRANSACTION'],
    ['COMMIT', 'COMMIT'],
    ['END', 'COMMIT'],
    ['ROLLBACK', 'ROLLBACK'],
    ['ABORT', 'ROLLBACK'],
    ["PREPARE TRANSACTION 'x'", 'PREPARE TRANSACTION'],
    ["COMMIT PREPARED 'x'", 'COMMIT PREPARED'],
    ["ROLLBACK PREPARED 'x'", 'ROLLBACK PREPARED'],
    ['DISCARD ALL', 'DISCARD ALL'],
  ])('control: %s', async (sql, reason) => {
    expect(await one(sql)).toMatchObject({ transactional: 'control', reason });
  });
});

describe('what PostgreSQL can not parse', () => {
  it.each([
    ['a misspelt word', "SELECT 'é😀';\n\n  SELEC 1;", 12, 'SELEC 1;', 'syntax error at or near "SELEC"'],
    [
      'an early end',
      'SELECT 1;\nCREATE TABLE t (\n\n',
      11,
      'CREATE TABLE t (',
      'syntax error at end of input',
    ],
    ['an open string', "SELECT 1;\nSELECT 'ü", 11, "SELECT 'ü", 'unterminated quoted string'],
    ['NUL', "SELECT 1;\nSELECT 'a\0b';", 11, "SELECT 'a\0b';", 'NUL'],
    ['a variable of psql', 'SELECT 1;\nSELECT :x', 11, 'SELECT :x', 'syntax error at or near ":"'],
  ])('%s: the line of the file and its text', async (_, sql, line, statement, reason) => {
    const { details } = await thrown('statement_unparsable', () => split(sql, 10));
    expect(details).toMatchObject({ file: 'a.sql', line, statement });
    expect(details.reason).toContain(reason);
  });

  it('a command of psql is called one', async () => {
    const { details } = await thrown('statement_refused', () =>
      split('SELECT 1;\n\\connect other\nSELECT 2;', 10),
    );
    expect(details).toMatchObject({ line: 11, statement: '\\connect other' });
    expect(details.reason).toContain('\\connect is a psql command');
  });

  it.each([
    ['alone', 'SELECT 1;\nCOPY t FROM STDIN'],
    ['with rows', "SELECT 1;\nCOPY t FROM STDIN;\n1\tit's\n2\tb\n\\.\n"],
  ])('COPY FROM STDIN %s is refused at its own line', async (_, sql) => {
    const { details } = await thrown('statement_refused', () => split(sql, 10));
    expect(details).toMatchObject({ line: 11, statement: 'COPY t FROM STDIN' });
  });
});

it('createdExtensions names each once', async () => {
  const sql =
    'CREATE EXTENSION pgcrypto; CREATE EXTENSION IF NOT EXISTS "uuid-ossp"; CREATE EXTENSION pgcrypto; SELECT 1';
  expect(createdExtensions(await split(sql))).toEqual(['pgcrypto', 'uuid-ossp']);
});
