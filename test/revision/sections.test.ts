import { describe, expect, it } from 'vitest';
import type { SqlBody } from '../../lib/revision/revision.js';
import { readSqlBody } from '../../lib/revision/sql-body.js';
import { normalised } from '../../lib/revision/text.js';
import { short, thrown } from './thrown.js';

const read = (text: string): Promise<SqlBody> => readSqlBody(normalised(text), 'a.sql');

async function problems(text: string): Promise<string[]> {
  const error = await thrown('graph_invalid', () => read(text));
  return short(error.details.problems);
}

const HEADER = '-- Größe — 😀\n-- @revision a\n\n';

describe('a whole file', () => {
  const text = `${HEADER}-- @precheck "every value is \\"JSON\\"" expect 0
SELECT count(*) FROM t; -- é
-- @precheck "no orphans"   expect none
SELECT 1 WHERE false;
--@upgrade
-- first
CREATE TABLE t (a text DEFAULT 'é');

SELECT 2;

-- @verify "it is there"
SELECT true
-- @verify "jsonb" expect character varying
SELECT 'x';
-- @probe
SELECT to_regclass('t') IS NOT NULL;
   -- @downgrade
DROP TABLE t;
`;

  it.each([
    ['LF', text],
    ['CRLF and byte order mark', `\ufeff${text.replaceAll('\n', '\r\n')}`],
    ['without the last line end', text.trimEnd()],
  ])('with %s', async (_, file) => {
    const body = await read(file);
    expect(body).toEqual({
      kind: 'sql',
      batches: [],
      precheck: [
        {
          title: 'every value is "JSON"',
          expect: '0',
          until: null,
          sql: 'SELECT count(*) FROM t; -- é',
          line: 5,
          statements: expect.any(Function),
        },
        {
          title: 'no orphans',
          expect: 'none',
          until: null,
          sql: 'SELECT 1 WHERE false;',
          line: 7,
          statements: expect.any(Function),
        },
      ],
      upgrade: { sql: "-- first\nCREATE TABLE t (a text DEFAULT 'é');\n\nSELECT 2;", line: 9 },
      verify: [
        {
          title: 'it is there',
          expect: 'true',
          until: null,
          sql: 'SELECT true',
          line: 15,
          statements: expect.any(Function),
        },
        {
          title: 'jsonb',
          expect: 'character varying',
          until: null,
          sql: "SELECT 'x';",
          line: 17,
          statements: expect.any(Function),
        },
      ],
      probe: { sql: "SELECT to_regclass('t') IS NOT NULL;", line: 19 },
      downgrade: { sql: 'DROP TABLE t;', line: 21 },
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('a check knows its statements and their lines', async () => {
    const [, check] = (await read(text)).verify;
    expect(await check?.statements()).toMatchObject([{ sql: "SELECT 'x'", line: 17, file: 'a.sql' }]);
  });
});

it('a header of many bytes is not taken for its sections', async () => {
  const text = `-- ${'é😀'.repeat(200)}\n-- @label x\n-- @revision a\n-- @upgrade\nSELECT 1;\n`;
  expect((await read(text)).upgrade).toEqual({ sql: 'SELECT 1;', line: 5 });
});

describe('what is not a tag', () => {
  it.each([
    ['a function body', 'DO $é$\n-- @downgrade\nBEGIN END $é$;'],
    ['a string', "SELECT '\n-- @downgrade\n';"],
    ['an escape string', "SELECT E'\\'\n-- @downgrade\n';"],
    ['a quoted name', 'SELECT 1 AS "\n-- @downgrade\n";'],
    ['a block comment', 'SELECT 1 /* see\n-- @downgrade\n*/;'],
    ['a nested block comment', 'SELECT 1 /* /* */\n-- @downgrade\n*/;'],
    ['an at sign within a comment', 'SELECT 1; -- mail @home\n-- write to a@b.c, not @downgrade'],
    ['an escaped one', 'SELECT 1;\n-- \\@downgrade'],
    ['an operator', 'SELECT @ -1;'],
  ])('in %s', async (_, sql) => {
    const body = await read(`${HEADER}-- @upgrade\n${sql}\n`);
    expect(body.downgrade).toBeNull();
    expect(body.upgrade?.sql).toBe(sql);
  });

  it('a tag after such a body is one', async () => {
    const body = await read(`${HEADER}-- @upgrade\nDO $$\n-- @downgrade\n$$;\n-- @downgrade\nSELECT 1;`);
    expect(body.upgrade?.sql).toBe('DO $$\n-- @downgrade\n$$;');
    expect(body.downgrade).toEqual({ sql: 'SELECT 1;', line: 9 });
  });

  it('control characters in strings do not disturb', async () => {
    const sql = "SELECT '\u0001\u001b'\f, 2;";
    expect((await read(`${HEADER}-- @upgrade\n${sql}\n-- @downgrade\nSELECT 1;`)).upgrade?.sql).toBe(sql);
  });
});

describe('a section that does nothing on purpose', () => {
  it.each(['-- nothing', '-- Nothing to do on PostgreSQL', '/* nothing */', '\n--  nothing;\n;'])(
    'says so: %s',
    async (text) => {
      const body = await read(`${HEADER}-- @upgrade\n${text}\n-- @downgrade\n${text}\n`);
      expect([await body.upgrade?.sql.trim(), body.downgrade?.sql.trim()]).toEqual([
        text.trim(),
        text.trim(),
      ]);
    },
  );

  it.each([
    ['another word', '-- nothings'],
    ['not its first comment', '-- see below\n-- nothing'],
    ['a check', '-- nothing', '-- @verify "x"'],
  ])('and nothing else does: %s', async (_, text, tag = '-- @upgrade') => {
    expect(await problems(`${HEADER}${tag}\n${text}\n`)).toContainEqual(
      expect.stringMatching(/section @\w+ is empty/),
    );
  });
});

describe('problems', () => {
  const UP = '-- @upgrade\nSELECT 1;\n';
  it.each([
    ['empty section', '-- @upgrade\n-- write SQL here\n\n', ['4 section @upgrade is empty']],
    ['semicolons only', '-- @upgrade\n;;', ['4 section @upgrade is empty']],
    ['empty check', `${UP}-- @verify "x"`, ['6 section @verify is empty']],
    ['repeated section', `${UP}${UP}`, ['6 section @upgrade is repeated']],
    ['repeated probe', `${UP}-- @probe\nSELECT 1\n-- @probe\nSELECT 1`, ['8 section @probe is repeated']],
    ['misspelt section', `${UP}-- @downgrad\nSELECT 2;`, ['6 the section @downgrad does not exist']],
    ['header tag below', `${UP}-- @revises b\nSELECT 2;`, ['6 @revises is below the header']],
    ['value on a section', '-- @upgrade now\nSELECT 1;', ['4 @upgrade takes no value, found "now"']],
    ['check without title', `${UP}-- @verify expect 1\nSELECT 1`, ['6 @verify is not valid']],
    ['check with open title', `${UP}-- @verify "a expect 1\nSELECT 1`, ['6 @verify is not valid']],
    ['check that expects nothing', `${UP}-- @verify "a" expect\nSELECT 1`, ['6 @verify is not valid']],
    ['check with an empty title', `${UP}-- @precheck ""\nSELECT 1`, ['6 @precheck is not valid']],
    [
      'tag behind SQL',
      '-- @upgrade\nSELECT 1; -- @downgrade\nSELECT 2;',
      ['5 @downgrade does not start a section here'],
    ],
    [
      'tag in a block comment',
      `${UP}/* @downgrade */\nSELECT 2;`,
      ['6 @downgrade does not start a section here'],
    ],
    ['no upgrade', '-- @downgrade\nSELECT 1;', ['2 @upgrade section is missing']],
    ['nothing below the header', '', ['2 @upgrade section is missing']],
  ])('%s', async (_, sql, expected) => {
    expect(await problems(HEADER + sql)).toEqual(expected);
  });

  it('SQL above the first section', async () => {
    expect(await problems('-- @revision a\n\n-- words\nSELECT 1;\nSELECT 2;\n-- @upgrade\nSELECT 1')).toEqual(
      ['4 this SQL is outside all sections'],
    );
  });

  it('all of them at once', async () => {
    const text =
      '-- @revision a\n-- @irreversible "x"\nSELECT 0;\n-- @upgrad\n-- @verify x\nSELECT 1;\n-- @downgrade\n';
    expect((await problems(text)).sort()).toEqual([
      '1 @irreversible and @downgrade section exclude each other',
      '1 @upgrade section is missing',
      '3 this SQL is outside all sections',
      '4 the section @upgrad does not exist',
      '5 @verify is not valid',
      '7 section @downgrade is empty',
    ]);
  });

  it('those of the header, too', async () => {
    expect(await problems('-- @revision a\n-- @nope\n-- @upgrade\nSELECT 1;')).toEqual([
      '2 the tag @nope does not exist',
    ]);
  });
});

describe('what a revision must have', () => {
  const UP = '-- @upgrade\nSELECT 1;\n';
  const VERIFY = '-- @verify "x"\nSELECT true;\n';
  it.each([
    ['upgrade only', `-- @revision a\n${UP}`],
    ['a merge point: nothing', '-- @revision a\n-- @revises b, c\n'],
    ['a merge point: an upgrade', `-- @revision a\n-- @revises b, c\n${UP}`],
    ['documentation: verify', `-- @revision a\n-- @adopt\n${VERIFY}`],
    ['irreversible', `-- @revision a\n-- @irreversible "x"\n${UP}`],
  ])('%s is enough', async (_, text) => {
    await expect(read(text)).resolves.toMatchObject({ kind: 'sql', downgrade: null });
  });

  it.each([
    ['documentation without verify', '-- @revision a\n-- @adopt\n', ['1 @adopt requires @verify section']],
    [
      'documentation with upgrade',
      `-- @revision a\n-- @adopt\n${UP}${VERIFY}`,
      ['1 @adopt and @upgrade section exclude each other'],
    ],
    [
      'documentation with downgrade',
      `-- @revision a\n-- @adopt\n${VERIFY}-- @downgrade\nSELECT 1;`,
      ['1 @adopt and @downgrade section exclude each other'],
    ],
    ['one parent and nothing', '-- @revises b\n-- @revision a', ['2 @upgrade section is missing']],
  ])('%s is refused', async (_, text, expected) => {
    expect(await problems(text)).toEqual(expected);
  });
});

describe("what PostgreSQL's scanner can not read", () => {
  it.each([
    [
      'an open string',
      "-- @upgrade\nSELECT 1\n-- @downgrade\n\n  SELECT 'é\n;",
      8,
      "SELECT 'é",
      'unterminated quoted string',
    ],
    [
      'an open function body',
      '-- @upgrade\nDO $x$ BEGIN\nEND $y$;\n',
      5,
      'DO $x$ BEGIN',
      'unterminated dollar-quoted string',
    ],
    ['an open comment', '-- @upgrade\nfoo bar\n/* é', 6, '/* é', 'unterminated /* comment'],
    [
      'an empty name',
      '-- @upgrade\nSELECT 1\n-- @downgrade\nSELECT "";',
      7,
      'SELECT "";',
      'zero-length delimited identifier',
    ],
    [
      'a number with letters',
      '-- @upgrade\nSELECT 1 LIMIT LIMIT;\nSELECT 1a;',
      6,
      'SELECT 1a;',
      'trailing junk',
    ],
    ['NUL', '-- @upgrade\nSELECT 1;\nDROP TABLE x;\0', 6, 'DROP TABLE x;\0', 'NUL'],
  ])('%s', async (_, sql, line, statement, reason) => {
    const { details } = await thrown('statement_unparsable', () => read(HEADER + sql));
    expect(details).toMatchObject({ file: 'a.sql', line, statement });
    expect(details.reason).toContain(reason);
  });

  it('rows of a dump: the COPY is named', async () => {
    const text = `${HEADER}-- @upgrade\nCOPY t FROM stdin;\n1\tit's\n\\.\n`;
    const { details } = await thrown('statement_refused', () => read(text));
    expect(details).toMatchObject({ line: 5, statement: 'COPY t FROM stdin' });
  });
});
