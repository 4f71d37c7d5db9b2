import { describe, expect, test } from 'vitest';
import type { MatrixPath, MatrixResult } from '../../lib/index.js';
import { failedText, matrixText } from '../../lib/render/matrix.js';
import { matrixJunit } from '../../lib/render/matrix-junit.js';
import { matrixMarkdown } from '../../lib/render/matrix-markdown.js';

/* One matrix, as text, as JUnit XML and as Markdown; with names that each of them would take for something else. */

const path = (more: Partial<MatrixPath>): MatrixPath => ({
  ...{ start: 'old', target: 'heads', ok: true, state: 'legacy', match: 'exact', release: null },
  ...{ stamp: ['a1'], run: ['b2', 'c3'], checks: [], refused: null, failures: [], times: {}, ms: 1500 },
  ...{ schema: { equal: true, missing: [], unexpected: [], foreign: 2 }, secondRun: [], drift: [] },
  ...{ downAndUp: { skipped: null, revisions: 2 } },
  ...more,
});
const result = (...paths: MatrixPath[]): MatrixResult => ({
  ok: paths.every(({ ok }) => ok),
  on: 'PGlite in memory',
  ms: 4200,
  paths,
});
const answer = (ok: boolean) => ({ title: 't', expected: '1', found: ok ? '1' : '2', ok });
const bad = path({
  start: 'a | "b" <c> & \u0001`d`',
  ok: false,
  checks: [answer(true), answer(false)],
  schema: { equal: false, missing: ['table x'], unexpected: [], foreign: 0 },
  secondRun: ['b2'],
  failures: [
    { stage: 'checks', code: null, message: '"t": expected 1, found ]]> \ud800', hint: null },
    { stage: 'down and up', code: 'step_failed', message: 'two\nlines ```', hint: 'mend it' },
  ],
});
const refused = path({
  ...{ start: 'v1.0.2', match: 'none', stamp: null, run: null, checks: null, schema: null, secondRun: null },
  ...{ downAndUp: null, refused: { code: 'unidentified', message: 'no revision\n a\n b\n c', hint: 'look' } },
});

describe('as text', () => {
  test('a row per path, columns under each other, what is not there as a dash', () => {
    const [titles, rule, ...rows] = matrixText(result(path({}), refused)).split('\n');
    expect(titles?.split(/ {2,}/)).toEqual([
      ...['start', 'state found', 'stamp', 'revisions run', 'data checks'],
      ...['schema equal', 'second run', 'down and up', 'result'],
    ]);
    expect(rule).toMatch(/^[─ ]+$/);
    expect(rows[0]?.split(/ {2,}/)).toEqual([
      'old',
      'legacy',
      'a1',
      '2',
      '0 of 0',
      'yes',
      'nothing',
      '2',
      'ok',
    ]);
    expect(rows[1]?.split(/ {2,}/)).toEqual([
      'v1.0.2',
      'legacy, none',
      '—',
      'refused',
      '—',
      '—',
      '—',
      '—',
      'ok',
    ]);
    expect(rows[0]?.indexOf('legacy')).toBe(titles?.indexOf('state'));
    expect(rows.join('\n')).toContain('2 of 2 paths passed, on PGlite in memory, in 4.2 s');
    expect(rows.join('\n')).toContain(
      'v1.0.2 was refused as expected, and nothing was written:\n  no revision',
    );
  });

  test('a path that failed with everything that is to be said, below the table', () => {
    const text = matrixText(result(path({}), bad));
    expect(text).toMatch(/1 of 2 paths/);
    expect(text).toMatch(/1 of 2 +no, 1 differs +1 more +no +FAILED/);
    expect(text).toContain(failedText(bad));
    expect(failedText(bad)).toMatch(
      /^FAILED {2}a [\s\S]*checks: "t": expected 1[\s\S]*\[step_failed\]\n {2}→ mend it$/,
    );
  });

  test('a column for the target where there are several', () => {
    expect(matrixText(result(path({}), path({ target: '1.0.24' })))).toMatch(/^start +target +state found/);
  });
});

test('JUnit XML is well-formed, whatever the names are', () => {
  const xml = matrixJunit(result(path({}), bad, refused));
  expect(xml).toContain('<testsuite name="revgraph matrix" tests="3" failures="1" errors="0" time="4.200">');
  expect(xml).toContain('classname="a | &quot;b&quot; &lt;c&gt; &amp; ?`d`"');
  expect(xml).toContain('message="checks: &quot;t&quot;: expected 1, found ]]&gt; ?"');
  expect(xml).toContain('<system-out>refused: no revision\n a\n');
  // A parser in five lines: tags must close in order, attributes must be quoted, nothing else may look like a tag.
  const open: string[] = [];
  for (const [, close, name, empty] of xml
    .replace(/^<\?xml[^>]*\?>/, '')
    .matchAll(/<(\/?)(\w[\w-]*)(?:\s+\w+="[^"<]*")*\s*(\/?)>/g)) {
    if (close === '/') expect(open.pop()).toBe(name);
    else if (empty === '') open.push(name as string);
  }
  expect(open).toEqual([]);
  expect(xml.match(/</g)?.length).toBe(xml.match(/<(\?xml|\/?\w)/g)?.length);
  expect(xml).not.toMatch(/&(?!(amp|lt|gt|quot|#10);)/);
});

test('Markdown is a table that GitHub reads as one', () => {
  const lines = matrixMarkdown(result(path({}), bad)).split('\n');
  const rows = lines.filter((line) => line.startsWith('|'));
  expect(rows).toHaveLength(4);
  for (const row of rows) expect(row.replace(/\\\|/g, '').match(/\|/g)).toHaveLength(10);
  expect(rows[2]).toBe('| old | legacy | `a1` | 2 | 0 of 0 | yes | nothing | 2 | ok |');
  expect(lines).toContain('````text');
  expect(lines.join('\n')).toContain('**FAILED a \\| "b" \\<c\\> & \u0001\\`d\\`**');
});
