import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checksumCode, checksumSql } from '../../lib/revision/checksum.js';

const TOKENS = {
  precheck: ['SELECT', 'count', '(', '*', ')', 'FROM', '"Größe"', ';'],
  upgrade: [
    'CREATE', 'FUNCTION', 'f', '(', 'a', 'int', ')', 'RETURNS', 'text', 'LANGUAGE', 'sql', 'AS',
    "$é$ SELECT\n 'x' -- y\n $é$", ';', 'INSERT', 'INTO', 't', 'VALUES', '(', "'it''s 😀'", ',', "E'\\n'", ',', '1.5', '::',
    'numeric', ')', ';',
  ],
  downgrade: ['DROP', 'FUNCTION', 'f', ';'],
}; // biome-ignore format: one token after the other

const HEADER = '-- Words\n-- @revision a\n-- @revises b\n\n';

const gap = fc.constantFrom(
  ' ',
  '\n',
  '\t',
  '  \n ',
  '\r\n',
  ' -- words\n',
  '\n-- größer @home\r\n',
  ' /* a /* b */ 😀 */ ',
  '\f',
);

function file(
  between: (at: number) => string,
  tokens: Record<keyof typeof TOKENS, readonly string[]> = TOKENS,
): string {
  let at = 0;
  const join = (list: readonly string[]): string => list.map((token) => between(at++) + token).join('');
  return `${HEADER}-- @precheck "x" expect 0\n${join(tokens.precheck)}\n-- @upgrade\n${join(tokens.upgrade)}\n-- @downgrade\n${join(tokens.downgrade)}\n`;
}

const plain = file(() => ' ');

describe('checksumSql', () => {
  it('does not see blanks, comments and line ends between tokens', async () => {
    const expected = await checksumSql(plain);
    const count = Object.values(TOKENS).flat().length;
    await fc.assert(
      fc.asyncProperty(fc.array(gap, { minLength: count, maxLength: count }), async (gaps) => {
        expect(await checksumSql(file((at) => gaps[at] ?? ' '))).toBe(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('sees every token that is changed, taken out, doubled or moved', async () => {
    const places = Object.entries(TOKENS).flatMap(([name, list]) => list.map((_, at) => ({ name, at })));
    const known = new Set([await checksumSql(plain)]);
    for (const { name, at } of places) {
      for (const edit of [
        (token: string) => (/^[\W\d]/.test(token) ? [token, '+'] : [`${token}_x`]),
        () => [],
        (token: string) => [token, token],
      ]) {
        const list = TOKENS[name as keyof typeof TOKENS].flatMap((token, i) =>
          i === at ? edit(token) : [token],
        );
        known.add(await checksumSql(file(() => ' ', { ...TOKENS, [name]: list })));
      }
    }
    // Two edits may end in the same text only where two equal tokens are neighbours; there are none.
    expect(known.size).toBe(1 + 3 * places.length);
  });

  it('sees the inside of strings and of function bodies, comments and blanks there included', async () => {
    const body = await checksumSql(plain.replace('-- y', '-- z'));
    const string = await checksumSql(plain.replace("'it''s", "'it''s "));
    expect(new Set([await checksumSql(plain), body, string]).size).toBe(3);
  });

  it.each([
    ['CRLF, inside strings too', plain.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\ufeff${plain}`],
    ['a licence', `/* Copyright */\n\n${plain}`],
    ['other words and parents', plain.replace('Words', 'Other words').replace('@revises b', '@revises c, d')],
    ['the title of a check', plain.replace('"x" expect', '"y"   expect')],
    ['the order of sections', reordered(plain)],
  ])('does not see %s', async (_, text) => {
    expect(text).not.toBe(plain);
    expect(await checksumSql(text)).toBe(await checksumSql(plain));
  });

  it.each([
    ['@transaction none', plain.replace('-- @revises b', '-- @revises b\n-- @transaction none')],
    ['what a check expects', plain.replace('expect 0', 'expect 1')],
    ['in which section it stands', plain.replace('-- @downgrade', '-- @probe')],
    ['where a section ends', plain.replace(/;\n-- @downgrade\n DROP/, '\n-- @downgrade\n; DROP')],
    ['capitals of a name', plain.replace(' t ', ' T ')],
  ])('sees %s', async (_, text) => {
    expect(text).not.toBe(plain);
    expect(await checksumSql(text)).not.toBe(await checksumSql(plain));
  });

  it('is the same from one version of revgraph to the next', async () => {
    expect(await checksumSql('-- @revision a\n-- @upgrade\nSELECT 1;')).toBe(
      'c2b01c2f574ce06678a33a863da185c8f01b274d3a9f370f6e61729bc12fbbcf',
    );
  });
});

function reordered(text: string): string {
  const [header = '', precheck = '', upgrade = '', downgrade = ''] = text.split(
    /^(?=-- @(?:precheck|upgrade|downgrade))/m,
  );
  return `${header}${downgrade}${upgrade}${precheck}`;
}

describe('checksumCode', () => {
  const code = '/** Words\n * @revision a */\nexport const upgrade = () => 1;\n';
  it.each([
    ['line ends', code.replaceAll('\n', '\r\n')],
    ['a licence', `#!/usr/bin/env node\n/*! MIT */\n${code}`],
    ['another header', code.replace('Words', 'Other words')],
    ['no header', 'export const upgrade = () => 1;'],
    ['empty lines around', `${code}\n\n`],
  ])('does not see %s', (_, text) => {
    expect(checksumCode(text, 'auto')).toBe(checksumCode(code, 'auto'));
  });

  it('sees the code and @transaction none', () => {
    const changed = checksumCode(code.replace('=> 1', '=> 2'), 'auto');
    expect(new Set([checksumCode(code, 'auto'), changed, checksumCode(code, 'none')]).size).toBe(3);
  });
});
