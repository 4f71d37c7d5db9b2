import { expect, test } from 'vitest';
import { nextSize, type Pace } from '../../lib/backfill/batch/pace.js';

const pace: Pace = { size: 50, maxSize: 20_000, targetMs: 500, held: { ms: 10, share: 0.01 } };
const done = { rows: 1000, limit: 1000, ms: 100, heldMs: 1 };

test('the target time decides, at most twice and at least half of the last batch', () => {
  const free = { ...pace, held: null };
  expect(nextSize(free, { ...done, ms: 400, heldMs: 400 }, 2000)).toBe(1250);
  expect(nextSize(free, done, 2000)).toBe(2000);
  expect(nextSize(free, { ...done, ms: 5000 }, 2000)).toBe(500);
});

test('rows that others want are not locked for long, nor many of them', () => {
  expect(nextSize(pace, done, 1_000_000)).toBe(2000);
  expect(nextSize(pace, { ...done, heldMs: 12 }, 1_000_000)).toBe(833);
  expect(nextSize(pace, done, 60_000)).toBe(600);
  expect(nextSize(pace, done, null)).toBe(2000);
});

test('the first size stands, however far away the server is and however small the table', () => {
  const far = { rows: 50, limit: 50, ms: 300, heldMs: 200 };
  expect(nextSize(pace, far, 1_000_000)).toBe(50);
  expect(nextSize(pace, { ...far, heldMs: 1 }, 1400)).toBe(50);
  expect(nextSize({ ...pace, size: 800 }, { rows: 800, limit: 800, ms: 400, heldMs: 90 }, 1400)).toBe(800);
});
