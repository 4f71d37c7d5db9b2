import { describe, expect, it } from 'vitest';
import { readHeader } from '../../lib/revision/header/header.js';
import { short } from './thrown.js';

const sql = (text: string) => readHeader(text, 'a.sql', 'sql');
const code = (text: string) => readHeader(text, 'a.ts', 'code');
const hints = (text: string, kind: 'sql' | 'code' = 'sql') =>
  readHeader(text, 'a', kind).problems.map((p) => (p.code === 'bad_header' ? (p.hint ?? '') : ''));

const FULL = `-- Convert preferences to JSONB
-- because TEXT can't be indexed.
--
-- @revision a71d62f22c10
-- @revises b06ced8ecd14, 9c23e4e81011
-- @depends-on auth@head ?optional01
-- @label billing, invoices
-- @transaction none
-- @requires postgres >=14 <19
-- @requires extension "uuid-ossp"
-- @requires privilege CREATE on schema app
-- @idempotent
-- @irreversible "the old text is \\"gone\\""
-- @loses "old preferences"
-- @adopt

-- @upgrade
SELECT 1;
`;

describe('a full header', () => {
  const expected = {
    revision: 'a71d62f22c10',
    revises: ['b06ced8ecd14', '9c23e4e81011'],
    dependsOn: ['auth@head', '?optional01'],
    labels: ['billing', 'invoices'],
    message: 'Convert preferences to JSONB',
    line: 4,
    header: {
      transaction: 'none',
      requires: [
        { kind: 'postgres', range: '>=14 <19', line: 9 },
        { kind: 'extension', name: 'uuid-ossp', line: 10 },
        { kind: 'privilege', privilege: 'CREATE on schema app', line: 11 },
      ],
      idempotent: true,
      irreversible: 'the old text is "gone"',
      adopt: true,
      loses: 'old preferences',
      background: false,
      kind: 'sql',
    },
  };

  it.each([
    ['LF', FULL],
    ['CRLF', FULL.replaceAll('\n', '\r\n')],
    ['byte order mark', `\ufeff${FULL}`],
    ['CRLF and byte order mark', `\ufeff${FULL.replaceAll('\n', '\r\n')}`],
    ['tabs and trailing blanks', FULL.replace(/^-- /gm, '\t--\t').replaceAll('\n', ' \t\n')],
    ['tabs inside', FULL.replace(/(@\S+) /g, '$1\t')],
    ['no blank after the dashes', FULL.replace(/^-- /gm, '--')],
    ['three dashes', FULL.replace(/^-- /gm, '--- ')],
  ])('%s', (_, text) => {
    const { found, problems, endLine } = sql(text);
    expect(problems).toEqual([]);
    expect(found).toEqual(expected);
    expect(endLine).toBe(17);
  });

  const body = FULL.split('\n')
    .filter((line) => /^--/.test(line) && !line.includes('@upgrade'))
    .map((line) => line.slice(3));
  it.each([
    ['JSDoc', `/**\n${body.map((line) => ` * ${line}`).join('\n')}\n */\nexport {};`, 1],
    ['block without stars', `/*\n${body.join('\n')}\n*/\nexport {};`, 1],
    ['line comments', `${body.map((line) => `// ${line}`).join('\n')}\nexport {};`, 0],
    ['after a shebang', `#!/usr/bin/env node\n/**\n${body.join('\r\n * ')}\n **/`, 2],
    ["after 'use strict'", `'use strict';\n/**\n * ${body.join('\n * ')}\n */\nexport {};`, 2],
  ])('in code: %s', (_, text, shift) => {
    const { found, problems } = code(text);
    expect(problems).toEqual([]);
    expect(found).toEqual({
      ...expected,
      line: expected.line + shift,
      header: {
        ...expected.header,
        kind: 'code',
        requires: expected.header.requires.map((r) => ({ ...r, line: r.line + shift })),
      },
    });
  });
});

describe('the smallest header', () => {
  it('has defaults for all the rest', () => {
    expect(sql('-- @revision a').found).toEqual({
      revision: 'a',
      revises: [],
      dependsOn: [],
      labels: [],
      message: '',
      line: 1,
      header: {
        transaction: 'auto',
        requires: [],
        idempotent: false,
        irreversible: null,
        adopt: false,
        loses: null,
        background: false,
        kind: 'sql',
      },
    });
  });

  it.each([
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '10',
    '0',
    '.',
    'a.b_C',
    'x'.repeat(64),
  ])('id %s', (id) => {
    const { found, problems } = sql(`-- @revision ${id}\n-- @revises p_${id.slice(0, 9)}\n`);
    expect(problems).toEqual([]);
    expect(found?.revision).toBe(id);
  });

  it('takes parents that are named like members of objects', () => {
    expect(sql('-- @revision a\n-- @revises __proto__, constructor 10').found?.revises).toEqual([
      '__proto__',
      'constructor',
      '10',
    ]);
  });
});

describe('where the header is', () => {
  it.each([
    ['a block comment', '/* Words\n * @revision a\n */\nSELECT 1;', 4],
    ['a nested block comment', '/* Words\n /* an inner one */ still\n @revision a */\n\nSELECT 1;', 5],
    ['empty lines between', '\n\n-- Words\n\n-- @revision a\n\nSELECT 1', 7],
    ['a licence before', '/* Copyright */\n\n-- Words\n--\n-- @revision a\n-- @upgrade\n', 6],
    ['nothing below', '-- Words\n-- @revision a', 2],
  ])('SQL: %s', (_, text, endLine) => {
    const reading = sql(text);
    expect(reading.problems).toEqual([]);
    expect(reading.found?.revision).toBe('a');
    expect(reading.found?.message).toBe('Words');
    expect(reading.endLine).toBe(endLine);
  });

  it('looks at nothing below: the file name, a docstring and SQL say nothing', () => {
    expect(short(sql("SELECT '-- @revision a';\n-- @revision a").problems)).toEqual([
      '1 the file has no header',
    ]);
    expect(short(code('export {};\n/** @revision a */').problems)).toEqual(['1 the file has no header']);
  });

  it('code: a licence before, the words for a function after', () => {
    const text =
      '/*! @license MIT */\n// eslint-disable\n/** Words\n * @revision a */\n/** @param c @requires x */\nexport {}';
    expect(code(text).problems).toEqual([]);
    expect(code(text).found).toMatchObject({ revision: 'a', message: 'Words', line: 4 });
  });

  it('code: a tag of ours in another comment is not overlooked', () => {
    const text = '/** @revision a */\n/**\n * @revises b\n */\nexport {}';
    expect(short(code(text).problems)).toEqual(['3 @revises is outside the header']);
  });

  it('says whether the text was long enough', () => {
    const text = '-- Words\n-- @revision a\n-- @revises b\n\nSELECT 1;\nSELECT 2;\n';
    const enough = text.indexOf('SELECT 1;\n') + 'SELECT 1;\n'.length;
    for (let length = 0; length <= text.length; length++) {
      const reading = sql(text.slice(0, length));
      expect([length, reading.finished]).toEqual([length, length >= enough]);
      if (reading.finished) expect(reading.found?.revises).toEqual(['b']);
    }
  });

  it('says it of code, too', () => {
    const text = "'use strict'\n/** Words\n * @revision a\n*/\n// @revises none\n\nexport {};\nlet a;\n";
    const enough = text.indexOf('export {};\n') + 'export {};\n'.length;
    for (let length = 0; length <= text.length; length++) {
      expect([length, code(text.slice(0, length)).finished]).toEqual([length, length >= enough]);
    }
  });
});

describe('the message', () => {
  it.each([
    ['first prose line', '-- One\n-- Two\n-- @revision a', 'One'],
    ['ornament is passed over', '-- =====\n-- One\n-- =====\n-- @revision a', 'One'],
    ['below the tags', '-- @revision a\n--\n-- One', 'One'],
    ['a backslash: an at sign', '-- \\@home is new\n-- @revision a', '@home is new'],
    ['a backslash: a backslash', '-- \\\\o/\n-- @revision a', '\\o/'],
    ['not Latin', '-- Таблица счетов\n-- @revision a', 'Таблица счетов'],
    ['an address is no tag', '-- me@example.org asks\n-- @revision a', 'me@example.org asks'],
    ['a lone at sign is no tag', '-- @ home\n-- @revision a', '@ home'],
  ])('%s', (_, text, message) => {
    expect(sql(text).problems).toEqual([]);
    expect(sql(text).found?.message).toBe(message);
  });
});

describe('problems', () => {
  it.each([
    ['nothing at all', '', ['1 the file has no header']],
    ['comment without tags', '-- just words\nSELECT 1;', ['1 the header has no @revision']],
    ['sections only', '-- @upgrade\nSELECT 1;', ['1 the file has no header']],
    ['no @revision', '-- @revises a\n', ['1 the header has no @revision']],
    ['@revision without id', '-- x\n-- @revision\n', ['2 @revision has no id']],
    ['unknown tag', '-- @revision a\n-- @revisies b', ['2 the tag @revisies does not exist']],
    ['capitals', '-- @revision a\n-- @Label b', ['2 the tag @Label does not exist']],
    ['repeated', '-- @revision a\n-- @label x\n-- @label y', ['3 @label is repeated']],
    ['repeated id', '-- @revision a\n-- @revision a', ['2 @revision is repeated']],
    ['repeated flag', '-- @revision a\n-- @adopt\n-- @adopt', ['3 @adopt is repeated']],
    ['empty @revises', '-- @revision a\n-- @revises', ['2 @revises has no value']],
    ['only commas', '-- @revision a\n-- @depends-on , ,', ['2 @depends-on has no value']],
    ['empty @label', '-- @revision a\n-- @label ', ['2 @label has no value']],
    ['value on a flag', '-- @revision a\n-- @idempotent yes', ['2 @idempotent takes no value, found "yes"']],
    ['@transaction without value', '-- @revision a\n-- @transaction', ['2 @transaction has no value']],
    [
      '@transaction with another',
      '-- @revision a\n-- @transaction on',
      ['2 @transaction does not accept "on"'],
    ],
    ['@irreversible without reason', '-- @revision a\n-- @irreversible', ['2 @irreversible requires a text']],
    ['an empty reason', '-- @revision a\n-- @irreversible "  "', ['2 @irreversible requires a text']],
    ['an open quote', '-- @revision a\n-- @loses "rows', ['2 @loses has an unclosed quote']],
    ['@requires nothing', '-- @revision a\n-- @requires', ['2 @requires has no value']],
    ['@requires postgres', '-- @revision a\n-- @requires postgres ', ['2 @requires postgres has no value']],
    ['@requires mysql', '-- @revision a\n-- @requires mysql 8', ['2 @requires "mysql" is not known']],
    [
      '@requires two extensions',
      '-- @revision a\n-- @requires extension a b',
      ['2 @requires extension names several'],
    ],
    ['illegal id', '-- x\n-- @revision a-b', ['2 illegal_revision_id']],
    ['two ids', '-- @revision a b', ['1 illegal_revision_id']],
    ['too long', `-- @revision ${'x'.repeat(65)}`, ['1 illegal_revision_id']],
    ['head', '-- @revision head', ['1 reserved_id']],
    ['heads', '-- @revision heads', ['1 reserved_id']],
    ['base', '-- @revision base', ['1 reserved_id']],
    ['current', '-- @revision current', ['1 reserved_id']],
    [
      'illegal parent',
      '-- @revision a\n-- @revises b-c',
      ['2 @revises names "b-c", which is not a valid id'],
    ],
    [
      'reserved parent',
      '-- @revision a\n-- @revises base',
      ['2 @revises names base, which is a reserved word of targets'],
    ],
    [
      'reserved label',
      '-- @revision a\n-- @label mine, head',
      ['2 @label names head, which is a reserved word of targets'],
    ],
    ['the same parent twice', '-- @revision a\n-- @revises b, b', ['2 @revises names b twice']],
    [
      'odd prerequisite',
      '-- @revision a\n-- @depends-on a@base',
      ['2 @depends-on has the invalid name "a@base"'],
    ],
    ['parent in prose', '-- @revision a\n-- Revises: abc123', ['2 a parent is given in prose only']],
    ['section inside a block', '/* @revision a\n @upgrade */', ['2 @upgrade is inside the header']],
    ['open block', '-- @revision a\n/* words', ['2 this comment is not closed']],
  ])('%s', (_, text, expected) => {
    const { found, problems } = sql(text);
    expect(short(problems)).toEqual(expected);
    expect(found).toBeNull();
  });

  it('all at once, in the order of lines', () => {
    const text = '-- Revises: zzz\n-- @revision a b\n-- @nope\n-- @adopt 1\n-- @label x\n-- @label y\n';
    expect(short(sql(text).problems)).toEqual([
      '1 a parent is given in prose only',
      '2 illegal_revision_id',
      '3 the tag @nope does not exist',
      '4 @adopt takes no value, found "1"',
      '6 @label is repeated',
    ]);
  });

  it("Alembic's docstring: each name is told with its tag", () => {
    const text =
      '/** Words\n *\n * Revision ID: 1975ea83b712\n * Revises: ae1027a6acf, b2\n * Create Date: 2020\n */';
    expect(short(code(text).problems)).toEqual([
      '3 the id is given in prose only',
      '4 a parent is given in prose only',
    ]);
    expect(hints(text, 'code')).toEqual([
      'Write it as a tag: @revision 1975ea83b712',
      'Write it as a tag: @revises ae1027a6acf, b2',
    ]);
  });

  it.each([
    ['with the tags beside it', '-- Revision ID: a\n-- Revises: b\n-- @revision a\n-- @revises b'],
    ['of a base', '-- Revises:\n-- down_revision = None\n-- @revision a'],
    [
      'that is a sentence',
      '-- Revises: the prices of all articles\n-- Depends on: good luck\n-- @revision a',
    ],
    ['that goes on', '-- Revises the prices\n-- @revision a'],
  ])('prose %s is left alone', (_, text) => {
    expect(sql(text).problems).toEqual([]);
  });

  it.each([
    ['@revisies b', 'Did you mean @revises?'],
    ['@depends_on b', 'Did you mean @depends-on?'],
    ['@labels b', 'Did you mean @label?'],
    ['@down', 'Did you mean @downgrade?'],
    ['@upgrad', 'Did you mean @upgrade?'],
    ['@revises: b', 'Did you mean @revises?'],
    ['@down_revision b', 'Did you mean @revises?'],
    ['@author me', 'Write \\@ for text that starts with @'],
  ])('%s: %s', (line, hint) => {
    expect(hints(`-- @revision a\n-- ${line}`)).toEqual([hint]);
  });

  it('sections in code are exports', () => {
    const text = '/**\n * @revision a\n * @upgrade\n */';
    expect(short(code(text).problems)).toEqual(['3 @upgrade is not a tag of code files']);
    expect(hints(text, 'code')).toEqual(['In code files, sections are exports: export upgrade']);
  });
});

// A busy machine is slow now and then, not three times in a row.
it('is fast: 10,000 headers in well under a second, cold', { retry: 2 }, () => {
  const started = performance.now();
  for (let i = 0; i < 10_000; i++) sql(FULL);
  expect(performance.now() - started).toBeLessThan(1000);
});
