import type { MatrixPath, MatrixResult } from '../matrix/result.js';
import { failureLines, matrixCells, NOTHING, pathName } from './matrix-cells.js';
import { duration } from './words.js';

/** A matrix as Markdown for a pull request. */
export function matrixMarkdown({ paths, on, ms }: MatrixResult): string {
  const { titles, rows } = matrixCells(paths);
  const well = paths.filter(({ ok }) => ok).length;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    `### Upgrade paths: ${well} of ${paths.length} passed`,
    '',
    line(titles),
    line(titles.map(() => '---')),
    ...rows.map((row) => line(row.map((cell, i) => (titles[i] === 'stamp' ? code(cell) : text(cell))))),
    '',
    `On ${text(on)}, in ${duration(ms)}.`,
    ...paths.filter(({ ok }) => !ok).flatMap((path) => ['', ...failed(path)]),
    '',
  ].join('\n');
}

function failed(path: MatrixPath): string[] {
  const lines = failureLines(path);
  const longest = Math.max(2, ...[...lines.join('\n').matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return [`**FAILED ${text(pathName(path))}**`, '', `${fence}text`, ...lines, fence];
}

/** What Markdown and tables would take for something else. */
function text(cell: string): string {
  return cell.replace(/[\\|*_`<>[\]~]/g, (character) => `\\${character}`).replace(/\s+/g, ' ');
}

const code = (cell: string): string => (cell === NOTHING ? cell : `\`${cell.replaceAll('|', '\\|')}\``);
