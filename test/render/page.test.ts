import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PageDatabase, type PageNode, pageHtml } from '../../lib/render/graph/page.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
if (CHROMIUM === undefined) console.warn('No Chromium is installed: the page of the graph is not opened.');

const node = (revision: string, revises: string[], more: Partial<PageNode> = {}): PageNode => ({
  revision,
  message: `message of ${revision}`,
  labels: [],
  releases: [],
  revises,
  dependsOn: [],
  isHead: false,
  state: 'applied',
  isCurrent: false,
  isPlanned: false,
  file: `revisions/${revision}.sql`,
  adds: [`table public.t_${revision}`],
  removes: [],
  ...more,
});

const nodes = [
  node('a', [], { message: '</script><script>window.broken = true</script>' }),
  node('b', ['a']),
  node('c', ['a'], { labels: ['shop'] }),
  node('d', ['b', 'c'], { isHead: true, state: 'pending', isPlanned: true }),
];
const edges = nodes.flatMap(({ revision, revises }) =>
  revises.map((from) => ({ from, to: revision, kind: 'revises' as const })),
);
const standing = (database: string, applied: string[]): PageDatabase => ({
  database,
  state: 'behind',
  current: applied.slice(-1),
  applied,
  missed: [],
  edited: [],
  release: null,
  entries: [
    {
      revision: 'b',
      direction: 'upgrade',
      outcome: 'done',
      startedAt: '2026-01-31T10:00:00.000Z',
      ms: 12,
      actor: 'ada',
      host: 'h1',
    },
  ],
});

describe.skipIf(CHROMIUM === undefined)('the page, in Chromium', () => {
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];
  let folder: string;
  const opened = async (html: string): Promise<Page> => {
    const file = join(folder, 'graph.html');
    writeFileSync(file, html);
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, offline: true });
    const next = await context.newPage();
    next.on('pageerror', (error) => faults.push(error.message));
    next.on('request', (request) => {
      if (!request.url().startsWith('file:')) faults.push(request.url());
    });
    await next.goto(`file://${file}`);
    return next;
  };
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'revgraph-page-'));
    browser = await chromium.launch({ executablePath: CHROMIUM as string, args: ['--no-sandbox'] });
    page = await opened(
      pageHtml(nodes, edges, [standing('one', ['a', 'b', 'c']), standing('two', ['a'])], 'Revisions'),
    );
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const classOf = (id: string) => page.getAttribute(`.node[data-id="${id}"]`, 'class');

  test('asks for nothing, and a message can not break out', async () => {
    expect(faults).toEqual([]);
    expect(await page.evaluate('window.broken')).toBeUndefined();
  });

  test('a chosen revision tells what is known of it', async () => {
    await page.click('.node[data-id="b"]');
    const told = await page.textContent('#details');
    for (const part of [
      'message of b',
      'revisions/b.sql',
      'table public.t_b',
      'one: applied',
      'two: pending',
      'by ada on h1, 12 ms',
    ])
      expect(told).toContain(part);
  });

  test('it is found, and reached by keys', async () => {
    await page.keyboard.press('/');
    await page.keyboard.type('shop');
    expect(await page.textContent('#found')).toBe('1 revision');
    await page.keyboard.press('Enter');
    expect(await page.textContent('#details h2')).toBe('c');
    await page.keyboard.press('ArrowDown');
    expect(await page.textContent('#details h2')).toBe('d');
    await page.keyboard.press('ArrowUp');
    expect(await page.textContent('#details h2')).toBe('b');
    await page.keyboard.press('Escape');
    expect(await page.isHidden('#details')).toBe(true);
  });

  test('each database can be shown', async () => {
    expect(await classOf('b')).toMatch(/applied/);
    await page.selectOption('#database', '1');
    expect(await classOf('b')).toMatch(/pending/);
    expect(await page.textContent('#standing')).toBe('two: behind, 1 applied, 3 pending');
  });

  test('it is moved and enlarged', async () => {
    const before = await page.getAttribute('#view', 'transform');
    await page.mouse.move(900, 700);
    await page.mouse.down();
    await page.mouse.move(960, 740, { steps: 4 });
    await page.mouse.up();
    const moved = await page.getAttribute('#view', 'transform');
    await page.mouse.wheel(0, -400);
    const larger = await page.getAttribute('#view', 'transform');
    expect(new Set([before, moved, larger]).size).toBe(3);
    await page.click('#fit');
  });

  test.each(['light', 'dark'] as const)('axe finds nothing in %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
    await page.evaluate(readFileSync(axe, 'utf8'));
    const violations = await page.evaluate('axe.run().then((found) => found.violations.map(({ id }) => id))');
    expect(violations).toEqual([]);
  });

  test('2,000 revisions open, and are found', async () => {
    const many = Array.from({ length: 2_000 }, (_, n) =>
      node(`r${n}`, n === 0 ? [] : [`r${Math.max(0, n - 1 - (n % 3))}`], {
        state: null,
        isHead: n === 1_999,
      }),
    );
    const manyEdges = many.flatMap(({ revision, revises }) =>
      revises.map((from) => ({ from, to: revision, kind: 'revises' as const })),
    );
    const large = await opened(pageHtml(many, manyEdges, [], 'Revisions'));
    expect(await large.locator('.node').count()).toBe(2_000);
    await large.fill('#find', 'r1234');
    await large.press('#find', 'Enter');
    expect(await large.textContent('#details h2')).toBe('r1234');
    expect(faults).toEqual([]);
  });
});
