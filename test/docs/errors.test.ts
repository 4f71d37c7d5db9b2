import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { RevgraphError } from '../../lib/errors/error.js';
import { EXIT_VALUES } from '../../lib/errors/exit-values.js';

/* The reference of errors has a section for every code, and for no other. */

const page = readFileSync('docs/errors.md', 'utf8');
const sections = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const [code = '', ...lines] = section.split(/^## /m)[0]?.split('\n') ?? [];
      return [code, lines.join('\n').trim()] as const;
    }),
);

test('the codes with a section are the codes', () => {
  expect([...sections.keys()].sort()).toEqual(Object.keys(EXIT_VALUES).sort());
});

describe.each(Object.entries(EXIT_VALUES))('%s', (code, exitValue) => {
  test('has its exit value, a cause and a remedy', () => {
    const [says = '', remedy = ''] = sections.get(code)?.split(/\n\n→ /) ?? [];
    const [first, ...cause] = says.split('\n');
    expect(first).toBe(`Exit value ${exitValue}.`);
    expect(cause.join(' ').length).toBeGreaterThan(20);
    expect(remedy.length).toBeGreaterThan(12);
  });
});

test('what the page shows of the library holds', () => {
  const error = new RevgraphError('lock_not_obtained', { waitedMs: 1, holder: 'another' });
  expect([error.code, error.details.holder, error.exitValue]).toEqual(['lock_not_obtained', 'another', 6]);
});

test('its links lead to headings that are there', () => {
  for (const [, file = '', anchor] of page.matchAll(/\]\((\w+\.md)(?:#([\w-]+))?\)/g)) {
    const target = readFileSync(`docs/${file}`, 'utf8');
    const headings = [...target.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .trim()
        .replace(/\s/g, '-'),
    );
    if (anchor !== undefined) expect(headings).toContain(anchor);
  }
});
