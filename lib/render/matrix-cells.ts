import type { MatrixPath } from '../matrix/result.js';
import { counted, list } from './words.js';

/** What isn't there to be said. */
export const NOTHING = '—';

const COLUMNS = [
  'state found',
  'stamp',
  'revisions run',
  'data checks',
  'schema equal',
  'second run',
  'down and up',
  'result',
] as const;

/** Whether there is a column for the target: one that says the same in every row says nothing. */
const hasTargets = (paths: readonly MatrixPath[]): boolean =>
  new Set(paths.map(({ target }) => target)).size > 1;

/** The table of a matrix: a line of titles, and a row per path. */
export function matrixCells(paths: readonly MatrixPath[]): { titles: string[]; rows: string[][] } {
  const targets = hasTargets(paths);
  return {
    titles: ['start', ...(targets ? ['target'] : []), ...COLUMNS],
    rows: paths.map((path) => [path.start, ...(targets ? [path.target] : []), ...cellsOf(path)]),
  };
}

function cellsOf(path: MatrixPath): string[] {
  return [
    stateCell(path),
    path.stamp === null ? NOTHING : list(path.stamp),
    path.run === null ? (path.refused === null ? NOTHING : 'refused') : String(path.run.length),
    checksCell(path),
    schemaCell(path),
    path.secondRun === null
      ? NOTHING
      : path.secondRun.length === 0
        ? 'nothing'
        : `${path.secondRun.length} more`,
    downAndUpCell(path),
    path.ok ? 'ok' : 'FAILED',
  ];
}

/** The match is only worth a word where it isn't what everybody wants. */
function stateCell({ state, match }: MatrixPath): string {
  if (state === null) return NOTHING;
  return match === null || match === 'exact' || match === state ? state : `${state}, ${match}`;
}

function checksCell({ checks }: MatrixPath): string {
  if (checks === null) return NOTHING;
  return `${checks.filter(({ ok }) => ok).length} of ${checks.length}`;
}

function schemaCell({ schema }: MatrixPath): string {
  if (schema === null) return NOTHING;
  return schema.equal
    ? 'yes'
    : `no, ${counted(schema.missing.length + schema.unexpected.length, 'differs', 'differ')}`;
}

function downAndUpCell({ downAndUp, failures, run }: MatrixPath): string {
  if (failures.some(({ stage }) => stage === 'down and up')) return 'no';
  if (downAndUp === null || run?.length === 0) return NOTHING;
  return downAndUp.skipped === null ? String(downAndUp.revisions) : 'skipped';
}

/** `v1.0.6`, or `v1.0.6 → 1.0.24` where there are several targets. */
export function pathName({ start, target }: Pick<MatrixPath, 'start' | 'target'>): string {
  return target === 'heads' ? start : `${start} → ${target}`;
}

/** Everything that is to be said of a path that failed, a line or more per failure. */
export function failureLines({ failures }: Pick<MatrixPath, 'failures'>): string[] {
  return failures.flatMap(({ stage, code, message, hint }) => [
    `${stage}: ${message}${code === null ? '' : ` [${code}]`}`,
    ...(hint === null ? [] : [`→ ${hint}`]),
  ]);
}
