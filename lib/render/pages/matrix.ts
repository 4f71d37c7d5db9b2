import type { MatrixPath, MatrixResult } from '../../matrix/result.js';
import { xml } from '../graph/escape.js';
import { failureLines, matrixCells, pathName } from '../matrix-cells.js';
import { counted, duration } from '../words.js';
import { reportHtml, tableHtml } from './report.js';

/** A matrix as a page: the paths as rows, and what each did, ran and differs in, to be opened. @returns HTML with a line end */
export function matrixHtml({ paths, on, ms }: MatrixResult): string {
  const { titles, rows } = matrixCells(paths);
  const well = paths.filter(({ ok }) => ok).length;
  const last = titles.length - 1;
  const table = tableHtml(
    'Upgrade paths',
    titles,
    rows.map((row, i) =>
      row.map((cell, column) =>
        column === last ? `<span class="${paths[i]?.ok ? 'good' : 'bad'}">${xml(cell)}</span>` : xml(cell),
      ),
    ),
  );
  const summary = `${well} of ${counted(paths.length, 'path')} passed, on ${on}, in ${duration(ms)}.`;
  return reportHtml('Upgrade paths', summary, [table, '<h2>Paths</h2>', ...paths.map(pathHtml)].join('\n'));
}

/** One that failed is open. */
function pathHtml(path: MatrixPath): string {
  const { ok, schema, run, checks, downAndUp, refused, times } = path;
  const parts: readonly (readonly [title: string, lines: readonly string[]])[] = [
    ['Failures', failureLines(path)],
    [
      'Refused, as expected',
      refused === null ? [] : [refused.message, ...(refused.hint === null ? [] : [`→ ${refused.hint}`])],
    ],
    ['Facts that are missing', schema?.missing ?? []],
    ['Facts that are unexpected', schema?.unexpected ?? []],
    ['Accepted drift', path.drift],
    ['Revisions that ran', run ?? []],
    [
      'Data checks',
      (checks ?? []).map(
        ({ title, expected, found, ok: holds }) =>
          `${holds ? 'ok' : 'FAILED'}  ${title}${holds ? '' : `: expected ${expected}, found ${found}`}`,
      ),
    ],
    [
      'Not downgraded and upgraded again',
      run?.length === 0 ? [] : (downAndUp?.skipped ?? null) === null ? [] : [String(downAndUp?.skipped)],
    ],
    ['Time', Object.entries(times).map(([stage, spent]) => `${stage}: ${duration(spent)}`)],
  ];
  const shown = parts.filter(([, lines]) => lines.length > 0);
  return `<details${ok ? '' : ' open'}><summary><span class="${ok ? 'good' : 'bad'}">${ok ? 'ok' : 'FAILED'}</span> ${xml(pathName(path))} · ${duration(path.ms)}</summary>
${shown.map(([title, lines]) => `<h3>${xml(title)}</h3>\n<pre>${xml(lines.join('\n'))}</pre>`).join('\n')}
</details>`;
}
