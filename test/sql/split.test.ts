import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { loadModule, parseSync } from 'libpg-query';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser } from '../../lib/sql/parser.js';
import { type Statement, splitStatements } from '../../lib/sql/statements.js';
import { thrown } from '../revision/thrown.js';

const CASES = Number(process.env.REVGRAPH_LEXER_CASES ?? 1000);
const PLACE = { file: 'a.sql', line: 1 };

beforeAll(() => loadModule());

/** The texts of the statements as the library cuts them, all of them in one piece. */
function whole(sql: string): string[] | string {
  if (sql === '') return [];
  const bytes = Buffer.from(sql);
  try {
    return (parseSync(sql).stmts ?? []).map(({ stmt_location: from = 0, stmt_len: length = 0 }) =>
      bytes.toString('utf8', from, length === 0 ? bytes.length : from + length).trim(),
    );
  } catch (error) {
    return (error as Error).message;
  }
}

async function ours(sql: string): Promise<string[] | string> {
  try {
    return (await splitStatements(sql, PLACE)).map((one) => one.sql);
  } catch (error) {
    return (error as { details: { reason: string } }).details.reason;
  }
}

const STATEMENTS = [
  'SELECT 1',
  "SELECT 'a;b', E'\\';', $$;$$, $x$ $$; $x$",
  'SELECT 1 AS "a;b" -- ;\n',
  'SELECT /* ; /* ; */ */ 1',
  "INSERT INTO größe (a, b) VALUES (1, 'ü;'), (2, '😀')",
  'INSERT INTO t VALUES ((SELECT max(a) FROM u), 2) ON CONFLICT (a) DO UPDATE SET b = 1',
  'CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO u VALUES (1); DELETE FROM v;)',
  'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END',
  'CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 end; SELECT 2 AS begin; END',
  'CREATE PROCEDURE p() BEGIN ATOMIC INSERT INTO t VALUES (1); END',
  'CREATE FUNCTION begin(begin int) RETURNS int LANGUAGE sql AS $$ SELECT 1; $$',
  'DO $do$ BEGIN PERFORM 1; END $do$',
  'UPDATE t SET a = 1 WHERE b = (SELECT 2)',
  'WITH x AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM x',
  "COMMENT ON TABLE t IS 'it''s; so'",
  'BEGIN',
  'END',
  '',
  '-- only words;\n',
];
const WRONG = ['SELEC 1', 'SELECT (1', 'CREATE TABLE t (', 'SELECT 1a', 'VALUES (1))', 'SELECT :x'];

describe('statements are those of the parser of PostgreSQL', () => {
  it(`in ${CASES} texts made of all kinds`, async () => {
    const one = fc.constantFrom(...STATEMENTS);
    const gap = fc.constantFrom(';', ';\n', ' ; ', ';;', '/* ; */;', '; -- ;\n');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(one, gap), { maxLength: 8 }), one, async (parts, last) => {
        const sql = parts.flat().join('') + last;
        expect(await ours(sql)).toEqual(whole(sql));
      }),
      { numRuns: CASES },
    );
  });

  it.each(WRONG)('and stop where it stops: %s', async (wrong) => {
    for (const sql of [
      wrong,
      `${wrong};`,
      `SELECT 1;\n${wrong};\nSELECT 2;`,
      `${STATEMENTS.join(';\n')}${wrong}`,
    ])
      expect(whole(sql)).toContain(await ours(sql));
  });

  it('what is begun and never ended is refused at its end', async () => {
    const sql = 'SELECT 1;\nCREATE FUNCTION f() RETURNS int BEGIN ATOMIC\nSELECT 1;\nSELECT 2;';
    const { details } = await thrown('statement_unparsable', () => splitStatements(sql, PLACE));
    expect(details).toMatchObject({ line: 4, reason: 'syntax error at end of input' });
  });

  const files = ['revisions', 'fixtures'].flatMap((folder) =>
    (readdirSync(folder, { recursive: true }) as string[])
      .filter((name) => name.endsWith('.sql'))
      .map((name) => join(folder, name)),
  );

  it('in the files of SQL that are here', async () => {
    let compared = 0;
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      const theirs = whole(text);
      if (typeof theirs === 'string') continue;
      expect(await ours(text), file).toEqual(theirs);
      compared++;
    }
    expect(compared).toBeGreaterThan(10);
  });
});

/** So much of a text is read as it stands; what stands behind it is read by its form. */
const LONG = `SELECT 1 /* ${'x'.repeat(70_000)} */;\n`;

describe('a statement that is read by its form', () => {
  const told = (one: Statement): unknown => [
    ...[one.sql, one.node, one.transactional, one.reason, one.setting, one.savepoint],
    ...[one.extension, one.trace, one.touches],
  ];
  async function bothWays(sql: string): Promise<unknown[][]> {
    const byForm = (await splitStatements(LONG + sql, PLACE)).slice(1).map(told);
    const inFull = (await splitStatements(sql, PLACE, { thorough: true })).map(told);
    return [byForm, inFull];
  }

  it.each([
    ...STATEMENTS.filter((sql) => !/^(BEGIN|END)$/.test(sql)),
    "INSERT INTO s.t (a) OVERRIDING SYSTEM VALUE VALUES (now(), 'x', DEFAULT, ARRAY[1, 2], -1, a.b::c, (1 + 2) * 3)",
    'INSERT INTO t VALUES (1), (2) ON CONFLICT ON CONSTRAINT x DO UPDATE SET a = (SELECT 1 FROM u) RETURNING *',
    'INSERT INTO t VALUES (1), ((SELECT a FROM u)), (3)',
    'INSERT INTO t VALUES (1, EXISTS (TABLE u))',
    'INSERT INTO t VALUES (1) -- so\n, /* or */ (2) -- so\n ON CONFLICT DO NOTHING',
    "INSERT INTO t SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v (a, b) JOIN u USING (a)",
    'INSERT INTO t DEFAULT VALUES',
    "INSERT INTO t AS x (a, values) VALUES (U&'a!0061' UESCAPE '!', N'x', b'01', x'1F', E'\\'')",
    "UPDATE t SET a = 5, b = 'x' FROM u WHERE t.id = 17 AND d > date '2020-01-01' AND f = 1::float(3)",
    "DELETE FROM t WHERE id IN (1, 2, 3) OR a LIKE 'x''y'",
    'DELETE FROM t',
    "MERGE INTO t USING (VALUES (1, 'a'), (2, 'b')) AS v (id, a) ON t.id = v.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (v.id)",
    "SELECT set_config('search_path', 'a', false), f(1)",
    "ALTER TABLE t ADD COLUMN a varchar(50) NOT NULL DEFAULT 'x' REFERENCES u, ALTER b TYPE numeric(10, 2)",
    "CREATE TABLE p PARTITION OF t FOR VALUES IN (1, 'a')",
    'CREATE TABLE p PARTITION OF t FOR VALUES FROM (1) TO (2)',
    `CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN ${'PERFORM 1; '.repeat(1000)} END $$`,
    `DO $$ BEGIN ${'PERFORM 1; '.repeat(1000)} END $$`,
    'CREATE INDEX CONCURRENTLY i ON t (a)',
    'VACUUM t',
  ])('is known as well as one that is read in full: %s', async (sql) => {
    const [byForm, inFull] = await bothWays(sql);
    expect(byForm).toEqual(inFull);
  });

  it(`so are ${CASES} of random parts`, async () => {
    const value = fc.constantFrom(
      '1',
      "'a'",
      'NULL',
      'now()',
      '(SELECT a FROM v)',
      'x + 1.5',
      "E'\\''",
      '(TABLE w)',
      '$$;$$',
    );
    const values = fc.array(value, { minLength: 1, maxLength: 4 }).map((all) => `(${all.join(', ')})`);
    const rows = fc.array(values, { minLength: 1, maxLength: 4 }).map((all) => `VALUES ${all.join(', ')}`);
    const tail = fc.constantFrom(
      '',
      ' ON CONFLICT DO NOTHING',
      ' ON CONFLICT (a) DO UPDATE SET b = 1',
      ' RETURNING (SELECT 1 FROM y)',
    );
    const table = fc.constantFrom('t', 's.t', '"values"', '"T;"');
    const statement = fc.oneof(
      fc.tuple(table, rows, tail).map(([name, list, end]) => `INSERT INTO ${name} ${list}${end}`),
      fc.tuple(table, rows).map(([name, list]) => `INSERT INTO ${name} SELECT * FROM (${list}) AS q`),
      fc.tuple(table, value, value).map(([name, a, b]) => `UPDATE ${name} SET a = ${a} WHERE b = ${b}`),
      fc.tuple(table, value).map(([name, a]) => `DELETE FROM ${name} WHERE a = ${a}`),
      rows.map((list) => `SELECT f(1) FROM (${list}) AS q`),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(statement, { minLength: 1, maxLength: 6 }), async (all) => {
        const [byForm, inFull] = await bothWays(all.join(';\n'));
        expect(byForm).toEqual(inFull);
      }),
      { numRuns: CASES / 4 },
    );
  });

  it.each([
    ['a command of psql', 'INSERT INTO t VALUES (1)\n\\connect other\n;', 'statement_refused'],
    ['one in its rows', 'INSERT INTO t VALUES (1,\n\\connect other\n);', 'statement_refused'],
    ['what is no statement', 'INSERT INTO t VALUES (1) RETURNIN a;', 'statement_unparsable'],
    ['a mistake before its rows', 'INSERT INTO t (a VALUES (1);', 'statement_unparsable'],
    ['an open string', "INSERT INTO t VALUES ('a);", 'statement_unparsable'],
  ] as const)('is refused for %s', async (_, sql, code) => {
    await thrown(code, () => splitStatements(`${LONG}INSERT INTO t VALUES (1);\n${sql}`, PLACE));
  });
});

it('a mistake in a row far behind is for the server, and for whoever asks for all', async () => {
  const sql = `${'INSERT INTO t VALUES (1, 2);\n'.repeat(5000)}INSERT INTO t VALUES (1 1);`;
  expect(await splitStatements(sql, PLACE)).toHaveLength(5001);
  const { details } = await thrown('statement_unparsable', () =>
    splitStatements(sql, PLACE, { thorough: true }),
  );
  expect(details).toMatchObject({ line: 5001, reason: 'syntax error at or near "1"' });
});

describe('an answer of the parser counts if it accounts for the whole text', () => {
  it.each([
    ['two statements', 'SELECT 1; SELECT 2'],
    ['none', '-- nothing'],
    ['less than there is', 'SELECT 1;;'],
    ['more than its statement', ';SELECT 1'],
  ])('%s for what was cut as one', async (_, sql) => {
    const parse = await loadParser();
    await thrown('internal', () => parse(sql, false));
    expect(parse('SELECT 1;', false)).toHaveProperty('SelectStmt');
  });

  it('one statement of more than it can bear is refused by its size, not read as none', async () => {
    const sql = `SELECT 1;\nSELECT ARRAY[${'1,'.repeat(9_000_000)}1];`;
    const { details } = await thrown('statement_unparsable', () => splitStatements(sql, PLACE));
    expect(details).toMatchObject({ line: 2 });
    expect(details.reason).toContain('18.0 MB');
  });
});
