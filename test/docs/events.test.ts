import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EVENT_LEVELS } from '../../lib/index.js';

/* The reference of events has a row for every type, with its level, and for no other. */

const [, section = ''] = readFileSync('docs/library.md', 'utf8').split(/^## Events$/m);
const rows = section
  .split(/^## /m)[0]
  ?.split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim())) as string[][];

test('every type of event stands in docs/library.md with its level', () => {
  const told = rows
    .slice(1)
    .flatMap(([, types = '', level = '']) =>
      [...types.matchAll(/`([\w-]+)`/g)].map(([, type = '']) => [type, level.replaceAll('`', '')]),
    );
  expect(Object.fromEntries(told)).toEqual(EVENT_LEVELS);
  expect(told).toHaveLength(Object.keys(EVENT_LEVELS).length);
});

test('every level is one', () => {
  for (const level of Object.values(EVENT_LEVELS))
    expect(['debug', 'info', 'warn', 'error']).toContain(level);
});
