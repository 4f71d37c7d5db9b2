import type { MatrixPath, MatrixResult } from '../matrix/result.js';
import { type Paint, PLAIN } from './lists.js';
import { failureLines, matrixCells, pathName } from './matrix-cells.js';
import { counted, duration } from './words.js';

const SHOWN_LINES = 3;

/** A path that is walked, on one line: progress. */
export function pathLine(path: MatrixPath, paint: Paint = PLAIN): string {
  return `${path.ok ? paint.good('ok') : paint.bad('FAILED')}  ${pathName(path)}  ${paint.dim(duration(path.ms))}`;
}

/** The whole matrix for people: the table, how many are well, what was refused, and what failed. */
export function matrixText({ paths, on, ms, ok }: MatrixResult, paint: Paint = PLAIN): string {
  const well = paths.filter((path) => path.ok).length;
  const sum = `${well} of ${counted(paths.length, 'path')} passed, on ${on}, in ${duration(ms)}`;
  return [
    ...tableLines(paths, paint),
    '',
    ok ? paint.good(sum) : paint.bad(sum),
    ...paths.flatMap(refusalLines),
    ...paths.flatMap(skippedLines),
    ...paths.filter((path) => !path.ok).flatMap((path) => ['', ...failedLines(path, paint)]),
  ].join('\n');
}

function tableLines(paths: readonly MatrixPath[], paint: Paint): string[] {
  const { titles, rows } = matrixCells(paths);
  const widths = titles.map((title, i) =>
    Math.max(...[title, ...rows.map((row) => row[i] ?? '')].map(width)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => `${cell}${' '.repeat((widths[i] ?? 0) - width(cell))}`)
      .join('  ')
      .trimEnd();
  return [
    paint.dim(line(titles)),
    paint.dim(widths.map((n) => '─'.repeat(n)).join('  ')),
    ...rows.map((row, i) => (paths[i]?.ok === false ? paint.bad(line(row)) : line(row))),
  ];
}

/** Characters, not code units. */
const width = (text: string): number => [...text].length;

function refusalLines(path: MatrixPath): string[] {
  if (path.refused === null) return [];
  const lines = path.refused.message.split('\n');
  const more = lines.length > SHOWN_LINES ? ['  …'] : [];
  return [
    '',
    `${pathName(path)} was refused as expected, and nothing was written:`,
    ...lines.slice(0, SHOWN_LINES).map((line) => `  ${line}`),
    ...more,
    ...(path.refused.hint === null ? [] : [`  → ${path.refused.hint}`]),
  ];
}

function skippedLines(path: MatrixPath): string[] {
  const why = path.downAndUp?.skipped ?? null;
  if (why === null || path.run?.length === 0) return [];
  return ['', `${pathName(path)} was not downgraded and upgraded again: ${why}`];
}

function failedLines(path: MatrixPath, paint: Paint): string[] {
  const lines = failureLines(path).flatMap((text) => text.split('\n'));
  return [paint.bad(`FAILED  ${pathName(path)}`), ...lines.map((line) => `  ${line}`)];
}

/** One path that failed, for a test's message. */
export function failedText(path: MatrixPath): string {
  return failedLines(path, PLAIN).join('\n');
}
