import type { PreflightResult } from '../apply/checklist.js';
import type { DataLoss, PreflightCheck } from '../preflight/lines/line.js';
import { type Paint, PLAIN } from './lists.js';
import { counted, list } from './words.js';

const MARKS: { readonly [S in PreflightCheck['status']]: { text: string; paint: keyof Paint } } = {
  ok: { text: 'ok', paint: 'good' },
  warn: { text: 'warn', paint: 'mark' },
  no: { text: 'no', paint: 'bad' },
  skipped: { text: '–', paint: 'dim' },
};
const WIDTH = 6;

/** The checklist: a line per check, what to do below it. */
export function preflightText(result: PreflightResult, paint: Paint = PLAIN): string {
  const { checks, ok, from, to, steps } = result;
  const count = (status: PreflightCheck['status']): number =>
    checks.filter((check) => check.status === status).length;
  const ids = (rows: readonly string[]): string => list(rows.map(paint.id)) || 'base';
  const plan =
    steps.length === 0
      ? `Nothing to run: the database is at ${ids(from)}.`
      : `${counted(steps.length, 'revision')}, from ${ids(from)} to ${ids(to)}`;
  const end = ok ? paint.good('No blockers') : paint.bad('This would fail');
  const warnings = count('warn');
  const some = warnings === 0 ? '' : `, ${counted(warnings, 'warning')}`;
  const refused = count('no') === 0 ? '' : `: ${count('no')} no`;
  return [
    ...(from.length + to.length === 0 && !ok ? [] : [plan]),
    ...checks.flatMap((check) => lines(check, paint)),
    `${end}${refused}${some}.`,
  ].join('\n');
}

function lines(check: PreflightCheck, paint: Paint): string[] {
  const { status, title, found, remedy, file, line } = check;
  const mark = MARKS[status];
  const place = file === null ? '' : `  ${paint.dim(`${file}${line === null ? '' : `:${line}`}`)}`;
  return [
    `${paint[mark.paint](mark.text.padEnd(WIDTH))}${title}: ${found}${place}`,
    ...(remedy === null || status === 'ok' ? [] : [`${' '.repeat(WIDTH)}→ ${remedy}`]),
  ];
}

/** `a71d62f22c10: DROP TABLE topics: 4 rows`. */
export function lossLine({ revision, what, rows }: DataLoss): string {
  const count = rows === null ? '' : `: ${counted(rows, 'row', 'rows', rows.toLocaleString('en-US'))}`;
  return `${revision}: ${what}${count}`;
}
