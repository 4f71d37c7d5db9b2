import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Event, MatrixPath } from '../../lib/index.js';
import { coursesHtml, recordCourses } from '../../lib/render/pages/backfill.js';
import { catalogueHtml } from '../../lib/render/pages/catalogue.js';
import { matrixHtml } from '../../lib/render/pages/matrix.js';

const EVIL = '<script>window.broken = 1</script>';

const path: MatrixPath = {
  start: `old ${EVIL}`,
  target: 'heads',
  ok: false,
  state: 'legacy',
  match: 'exact',
  release: null,
  drift: [],
  stamp: ['a'],
  run: ['b'],
  checks: [{ title: 'rows', expected: '5', found: '1', ok: false }],
  schema: { equal: false, missing: ['table public.t'], unexpected: [], foreign: 0 },
  secondRun: [],
  downAndUp: { skipped: 'it loses rows', revisions: 0 },
  refused: null,
  failures: [{ stage: 'schema', code: null, message: 'It differs.', hint: 'Look.' }],
  times: { upgrade: 12 },
  ms: 40,
};
const well: MatrixPath = { ...path, start: 'fresh', ok: true, failures: [], schema: null, downAndUp: null };

const matrix = matrixHtml({ ok: false, on: 'PGlite', ms: 80, paths: [path, well] });

const catalogue = catalogueHtml([
  {
    revision: 'a',
    adds: [
      'table public.t',
      'column public.t.id: integer',
      'index public.t_i: CREATE INDEX t_i ON public.t USING btree (id)',
      `comment on column public.t.id: ${EVIL}`,
    ],
    removes: [],
  },
  { revision: 'b', adds: ['column public.t.id: bigint'], removes: ['column public.t.id: integer'] },
  { revision: 'c', adds: ["enum public.e: 'x'"], removes: [] },
]);

/** The events of a backfill that waits once, a second for each. */
function course(): string {
  let now = 0;
  const { hear, courses } = recordCourses(() => now);
  const of = { revision: 'fill', name: '', level: 'info' } as const;
  for (let n = 1; n <= 5_000; n++) {
    now += 1_000;
    hear({
      ...of,
      type: 'backfill-progress',
      total: 500_000,
      scanned: n * 100,
      changed: n * 100,
      skipped: 0,
      failed: 2,
      perSecond: 100 + (n % 7),
      etaMs: null,
      lastKey: [String(n)],
      size: 100,
    } as Event);
    if (n === 10) hear({ ...of, type: 'backfill-throttled', reason: `the replica lags ${EVIL}` } as Event);
  }
  expect(courses()[0]?.samples.length).toBeLessThanOrEqual(2_000);
  expect(courses()[0]?.samples.at(-1)?.scanned).toBe(500_000);
  return coursesHtml(courses());
}

const backfill = course();

test('a matrix tells of each path what it ran, and in what it differs', () => {
  expect(matrix).toContain('1 of 2 paths passed, on PGlite');
  for (const part of [
    'table public.t',
    'It differs.',
    '→ Look.',
    'FAILED  rows: expected 5, found 1',
    'it loses rows',
  ])
    expect(matrix).toContain(part);
  // What failed is open.
  expect(matrix.match(/<details open>/g)).toHaveLength(1);
});

test('a catalogue tells of each table what became of it', () => {
  expect(catalogue.match(/<details>/g)).toHaveLength(2);
  expect(catalogue).toMatch(/<code>public\.t<\/code> · 2 revisions/);
  expect(catalogue).toContain('− column public.t.id: integer\n+ column public.t.id: bigint');
});

test('a backfill tells how quick it was, and how long it waited', () => {
  expect(backfill).toContain('500,000 of 500,000 rows');
  expect(backfill).toMatch(/waited 1(\.0)? s; 2 rows failed/);
});

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
if (CHROMIUM === undefined) console.warn('No Chromium is installed: the pages of reports are not opened.');

describe.skipIf(CHROMIUM === undefined)('in Chromium', () => {
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'revgraph-pages-'));
    browser = await chromium.launch({ executablePath: CHROMIUM as string, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each([
    ['matrix', matrix],
    ['catalogue', catalogue],
    ['backfill', backfill],
  ])('the page of a %s asks for nothing, runs nothing, and axe finds nothing', async (name, html) => {
    const file = join(folder, `${name}.html`);
    writeFileSync(file, html);
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, offline: true });
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`file://${file}`);
    expect(asked).toEqual([`file://${file}`]);
    expect(await page.evaluate('window.broken')).toBeUndefined();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })");
      await page.evaluate(
        readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'),
      );
      const found = await page.evaluate('axe.run().then((found) => found.violations.map(({ id }) => id))');
      expect(found).toEqual([]);
    }
  });
});
