import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { loadModule, parseSync, scanSync } from 'libpg-query';
import { beforeAll, describe, expect, it } from 'vitest';
import { Lexer } from '../../lib/sql/lexer.js';

const CASES = Number(process.env.REVGRAPH_LEXER_CASES ?? 5000);

beforeAll(() => loadModule());

/** What is cut: places in bytes, as the library counts them. */
type Cuts = readonly (readonly [start: number, end: number, comment: string | null])[];

function ours(text: string): Cuts | null {
  const lexer = new Lexer(text);
  const cuts: [number, number, string | null][] = [];
  let [unit, byte] = [0, 0];
  const bytesTo = (at: number): number => {
    byte += Buffer.byteLength(text.slice(unit, at));
    unit = at;
    return byte;
  };
  while (lexer.next())
    cuts.push([bytesTo(lexer.start), bytesTo(lexer.end), lexer.kind.endsWith('comment') ? lexer.kind : null]);
  return lexer.failure === null ? cuts : null;
}

/** Form feed and vertical tab are blanks, which the library can't write into its JSON. */
const blanks = (text: string): string => text.replace(/[\f\v]/g, ' ');

function theirs(text: string): Cuts | null {
  if (text === '') return [];
  const names: Record<string, string> = { SQL_COMMENT: 'line-comment', C_COMMENT: 'block-comment' };
  try {
    return scanSync(blanks(text)).tokens.map(({ start, end, tokenName }) => [
      start,
      end,
      names[tokenName] ?? null,
    ]);
  } catch {
    return null;
  }
}

/** The scanner refuses what is written inside of a string: where it ends is not in doubt. */
function refusedForItsContent(text: string): boolean {
  return /e'.*\\/is.test(text);
}

const SOUP = [
  ...[
    "'",
    "''",
    '"',
    '""',
    '\\',
    '\\\\',
    '$',
    '$$',
    '$a$',
    '$b$',
    '$é$',
    '$1',
    '$1a',
    'E',
    'e',
    'b',
    'x',
    'N',
    'U&',
  ],
  ...[
    "E'",
    "b'",
    "x'",
    "N'",
    "U&'",
    'U&"',
    '--',
    '-- ',
    '/*',
    '*/',
    '/',
    '*',
    '\n',
    '\r',
    ' ',
    '\t',
    '\f',
    '\v',
    ';',
  ],
  ...[
    '(',
    ')',
    ',',
    '.',
    '..',
    ':',
    '::',
    ':=',
    '=',
    '=>',
    '<=',
    '>=',
    '<>',
    '!=',
    '+',
    '-',
    '@',
    '#',
    '~',
    '|',
    '||',
  ],
  ...[
    '&',
    '%',
    '^',
    '?',
    '`',
    '!',
    '1',
    '12',
    '0',
    '0x',
    '0x1F',
    '0o7',
    '0b1',
    '1_0',
    '_',
    '1.',
    '.5',
    '1.5',
    '1e5',
  ],
  ...[
    '1e',
    '1e+',
    '1e-3',
    'a',
    'abc',
    'A',
    'é',
    '😀',
    'select',
    '[',
    ']',
    '{',
    '}',
    "'a'",
    "'b c'",
    '"q"',
    '\u007f',
  ],
];

describe('tokens are those of the scanner of PostgreSQL', () => {
  it(`in ${CASES} soups of what has a meaning in it`, () => {
    let compared = 0;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...SOUP), { maxLength: 24 }), (parts) => {
        const text = parts.join('');
        const [mine, other] = [ours(text), theirs(text)];
        if (other === null && mine !== null && refusedForItsContent(text)) return;
        expect(mine).toEqual(other);
        compared += other === null ? 0 : 1;
      }),
      { numRuns: CASES },
    );
    expect(compared).toBeGreaterThan(CASES / 10);
  });

  const files = ['revisions', 'fixtures'].flatMap((folder) =>
    (readdirSync(folder, { recursive: true }) as string[])
      .filter((name) => name.endsWith('.sql'))
      .map((name) => join(folder, name)),
  );

  it(`in the ${files.length} files of SQL that are here`, () => {
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      // The reader of the library takes no text that a dump has behind COPY.
      const cuts = theirs(text);
      expect(ours(text), file).toEqual(cuts);
    }
  });

  it.each([
    ['a plus that belongs to a number', 'a=-1, b*+2, c<->d, e@-1, f||-1'],
    ['comments inside of operators', 'a*/* x */b, c+--d\n e'],
    ['numbers', '1_000 0xFF 0o17 0b101 1. .5 1.5e-10 1..2 12$'],
    ['strings over lines', "'a'\n\t'b' 'c' 'd'\n E'e'"],
    ['bits and what looks like a doubled quote', "b'01''10' x'1F'"],
    ['dollars', '$a$ $b$ $$ $a$ $$x$$ a$b$c $1 $é$ü$é$'],
    ['unicode', 'U&\'\\0061\' U&"a""b" u& x größe 😀'],
    ['nested comments', '/* /* */ -- */ 1 /*/ */ 2 /**/ 3 /***/ 4'],
  ])('%s', (_, text) => {
    expect(theirs(text)).not.toBeNull();
    expect(ours(text)).toEqual(theirs(text));
  });
});

describe('where there is no token', () => {
  it.each([
    ["SELECT 'a", 7, 'unterminated quoted string'],
    ["SELECT E'a\\'", 7, 'unterminated quoted string'],
    ['SELECT "a', 7, 'unterminated quoted identifier'],
    ['SELECT ""', 7, 'zero-length delimited identifier'],
    ['SELECT $a$ $b$', 7, 'unterminated dollar-quoted string'],
    ['SELECT /* /* */', 7, 'unterminated /* comment'],
    ['SELECT 1a', 7, 'trailing junk after numeric literal'],
    ['SELECT 0x1$', 7, 'trailing junk after numeric literal'],
  ])('%s', (text, at, reason) => {
    const lexer = new Lexer(text);
    while (lexer.next());
    expect(lexer.failure).toEqual({ at, reason });
    expect(() => parseSync(text)).toThrow(reason);
  });

  it('a comment that is nested 100,000 deep is looked through at once', () => {
    const deep = 100_000;
    const closed = new Lexer('/*'.repeat(deep) + '*/'.repeat(deep));
    const open = new Lexer('/*'.repeat(deep) + '*/'.repeat(deep - 1));
    const begun = performance.now();
    expect([closed.next(), closed.kind, open.next(), open.failure?.reason]).toEqual([
      true,
      'block-comment',
      false,
      'unterminated /* comment',
    ]);
    expect(performance.now() - begun).toBeLessThan(1000);
  });
});

describe('standard_conforming_strings = off', () => {
  const words = (text: string): string[] => {
    const lexer = new Lexer(text);
    const found: string[] = [];
    while (lexer.next()) found.push(lexer.word);
    expect(lexer.failure).toBeNull();
    return found;
  };

  it.each([
    'SET standard_conforming_strings = off',
    'set standard_conforming_strings to OFF',
    "SET SESSION standard_conforming_strings = 'off'",
    'SET LOCAL /* so */ standard_conforming_strings=false',
  ])('%s: a backslash takes a quote with it', (set) => {
    expect(words(`${set}; SELECT 'it\\'s;'; x`).slice(-4)).toEqual(['SELECT', "'it\\'s;'", ';', 'x']);
  });

  it('and on again', () => {
    const text =
      "SET standard_conforming_strings = off; SELECT 'a\\'b'; SET standard_conforming_strings = on; SELECT '\\'; x";
    expect(words(text).slice(-4)).toEqual(['SELECT', "'\\'", ';', 'x']);
  });

  it.each(["SELECT 'SET standard_conforming_strings = off'", 'RESET standard_conforming_strings'])(
    'not behind %s',
    (other) => {
      expect(words(`${other}; SELECT '\\'; x`).slice(-3)).toEqual(["'\\'", ';', 'x']);
    },
  );
});

it('a string that goes on behind a comment is read as it began', () => {
  const lexer = new Lexer("E'a' -- b\n 'c\\'d' ; 'e\\'");
  const found: string[] = [];
  while (lexer.next()) found.push(lexer.word);
  expect(found).toEqual(["E'a'", '-- b', "'c\\'d'", ';', "'e\\'"]);
});
