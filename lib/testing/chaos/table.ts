import { isFine } from './findings.js';
import type { ChaosRow } from './options.js';

const TITLES = [
  'kind',
  'cases',
  'processes',
  'hit',
  'twice',
  'lost',
  'locks left',
  'false success',
  'failed',
  'slowest lock',
  'time',
];
const SHOWN_PROBLEMS = 20;

/** The report for people. */
export function chaosText(rows: readonly ChaosRow[], seed: number): string {
  const done = rows.filter(({ skipped }) => skipped === null);
  const cells = [TITLES, ...done.map(cellsOf)];
  const widths = TITLES.map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const problems = rows.flatMap((row) => row.problems);
  return [
    line(TITLES),
    widths.map((width) => '─'.repeat(width)).join('  '),
    ...done.map((row) => line(cellsOf(row))),
    '',
    ...rows.flatMap(({ kind, skipped }) => (skipped === null ? [] : [`${kind} was skipped: ${skipped}`])),
    ...problems.slice(0, SHOWN_PROBLEMS).map((problem) => `FOUND ${problem}`),
    ...(problems.length > SHOWN_PROBLEMS ? [`and ${problems.length - SHOWN_PROBLEMS} more`] : []),
    `${rows.every(isFine) ? 'Nothing was found' : 'Something was found'}, with seed ${seed}`,
  ].join('\n');
}

const cellsOf = (row: ChaosRow): string[] => [
  row.what === '' ? row.kind : `${row.kind}: ${row.what}`,
  `${row.cases}`,
  `${row.processes}`,
  `${row.hits}`,
  `${row.twice}`,
  `${row.lost}`,
  `${row.locksLeft}`,
  `${row.falseSuccess}`,
  `${row.failed}`,
  `${(row.slowestLockMs / 1_000).toFixed(1)} s`,
  `${(row.ms / 1_000).toFixed(1)} s`,
];
