import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RevgraphError } from '../../lib/errors/error.js';
import { agree, counted } from '../../lib/errors/words.js';
import { finishedLine, previewText, reportText } from '../../lib/render/backfill.js';
import { verificationText } from '../../lib/render/verification.js';

/* One is one: “1 revision”, not “1 revisions”. */

test('a number and what it counts', () => {
  expect([0, 1, 2].map((n) => counted(n, 'revision'))).toEqual(['0 revisions', '1 revision', '2 revisions']);
  expect(counted(1, 'batch', 'batches')).toBe('1 batch');
  expect(counted(2, 'batch', 'batches')).toBe('2 batches');
  expect(counted(1000, 'row', 'rows', '1,000')).toBe('1,000 rows');
  expect([agree(1, 'is', 'are'), agree(0, 'is', 'are')]).toEqual(['is', 'are']);
});

describe('sentences with one', () => {
  const base = { revision: 'a', name: 'fill', reasons: {}, created: {}, skipped: 0, failed: 0, changed: 1 };
  const one = { ...base, scanned: 1, batches: 1, ms: 1 };

  test('backfills', () => {
    expect(finishedLine(one as never)).toMatch(/^fill: 1 row: .*; 1 batch, /);
    expect(finishedLine({ ...one, scanned: 2, batches: 2 } as never)).toMatch(
      /^fill: 2 rows: .*; 2 batches, /,
    );
    expect(previewText({ name: 'fill', total: 1 } as never, 'count')).toBe('fill: 1 row to process');
    const report = {
      ...one,
      state: 'running',
      total: 1,
      perSecond: null,
      etaMs: null,
      lastKey: null,
      quarantine: [],
    };
    expect(reportText(report as never)).toMatch(/ 1 of 1 row$/m);
    expect(reportText({ ...report, total: 2 } as never)).toMatch(/ 1 of 2 rows$/m);
  });

  test('errors', () => {
    const details = { revision: 'a', failed: 1, rows: [], stopped: true };
    expect(new RevgraphError('backfill_incomplete', details).message).toContain('1 row failed.');
    expect(new RevgraphError('backfill_remains', { revision: 'a', remaining: 1 }).message).toContain(
      '1 marked row remains',
    );
    const failed = { revision: 'a', title: 't', expected: '0', found: '1', file: null, line: null, rows: [] };
    const after = new RevgraphError('verify_failed', { applied: ['a'], failed: [failed], asked: 1 });
    expect(after.message).toContain('a is applied, but 1 of 1 check fails afterwards');
  });

  test('checks', () => {
    const check = { title: 't', revision: 'a', ok: true, rows: [] };
    expect(verificationText({ checks: [check], ended: [], ok: true } as never)).toContain('1 check passes.');
  });
});

test('nothing but the one helper makes a plural', () => {
  const files = ['lib', 'bin'].flatMap((folder) =>
    (readdirSync(folder, { recursive: true }) as string[]).map((name) => join(folder, name)),
  );
  const counts =
    /\} (revisions|rows|checks|paths|facts|batches|steps|statements|warnings|problems|rights|files|tables|findings)\b(?!\/)|=== 1 \? '' : 's'/;
  const found = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .flatMap((line, n) =>
          counts.test(line.replace(/^\s*(\*|\/\/|\/\*).*/, '')) ? [`${file}:${n + 1}:${line}`] : [],
        ),
    );
  expect(found).toEqual([]);
});
