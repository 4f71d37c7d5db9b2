import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectUnderstood, wordsOf } from '../support/understood.js';

/* The page of services: its samples stand in the examples, which other tests start, and its commands are commands. */

const PAGES = ['docs/services.md', 'docs/example/README.md', 'docs/example/kubernetes/README.md'];
const text = readFileSync('docs/services.md', 'utf8');

const sources = readdirSync('docs/example', { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(mjs|ts)$/.test(file))
  .map((file) => readFileSync(`docs/example/${file}`, 'utf8').split('\n'));
const samples = [...text.matchAll(/^```(?:js|ts)\n([\s\S]*?)^```$/gm)].map(([, body = '']) =>
  body.trimEnd().split('\n'),
);

test('every line of a sample stands in one example', () => {
  expect(samples.length).toBeGreaterThan(4);
  for (const lines of samples) {
    const missing = sources.map((source) => lines.filter((line) => !source.includes(line)));
    expect(missing).toContainEqual([]);
  }
});

const commands = PAGES.flatMap((page) =>
  [...readFileSync(page, 'utf8').matchAll(/^(revgraph .*)$|`(revgraph [^`]*)`/gm)].map(([, block, inline]) =>
    (block ?? inline ?? '').replace(/\s+#.*$/, ''),
  ),
);

describe.each([...new Set(commands)])('%s', (line) => {
  test('is understood', () => expectUnderstood(process.cwd(), wordsOf(line).slice(1)));
});

test.each(PAGES)('%s links to what is there', (page) => {
  const links = [...readFileSync(page, 'utf8').matchAll(/\]\(([\w./-]+)(?:#([\w-]+))?\)/g)];
  expect(links.length).toBeGreaterThan(2);
  for (const [, path = '', anchor] of links) {
    const file = join(dirname(page), path);
    expect([file, existsSync(file)]).toEqual([file, true]);
    if (anchor === undefined) continue;
    const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title.toLowerCase().replaceAll(' ', '-'),
    );
    expect(headings).toContain(anchor);
  }
});
