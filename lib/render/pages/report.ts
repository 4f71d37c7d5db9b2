import { DARK, LIGHT } from '../graph/colours.js';
import { xml } from '../graph/escape.js';

const variables = (sheet: typeof LIGHT, page: string, ink: string, rule: string): string =>
  `--page:${page};--ink:${ink};--rule:${rule};--good:${sheet.applied?.line};--bad:${sheet.missed?.line}`;

const STYLE = `:root{${variables(LIGHT, '#ffffff', '#1b1f24', '#d0d7de')}}
@media (prefers-color-scheme:dark){:root{${variables(DARK, '#0d1117', '#e6edf3', '#30363d')}}}
body{margin:0 auto;max-width:1200px;padding:16px;background:var(--page);color:var(--ink);font:14px/1.5 system-ui,sans-serif}
h1{font-size:20px;margin:0 0 4px}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:4px 10px;border-bottom:1px solid var(--rule);vertical-align:top}
.wide{overflow-x:auto}.bad{color:var(--bad);font-weight:600}.good{color:var(--good);font-weight:600}
summary{cursor:pointer;padding:4px 0}pre,code{font:12px/1.5 ui-monospace,Menlo,Consolas,monospace}pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:4px 0 12px}
td code{overflow-wrap:anywhere}`;

/**
 * A report as one page that needs nothing else: no network, no other file, no script.
 * @param body HTML
 * @returns HTML with a line end
 */
export function reportHtml(title: string, summary: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${xml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${xml(title)}</h1>
<p>${xml(summary)}</p>
${body}
</main>
</body>
</html>
`;
}

/** A table, which may be wider than the page. @param label what it is of @param rows cells as HTML */
export function tableHtml(
  label: string,
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const head = titles.map((title) => `<th scope="col">${xml(title)}</th>`).join('');
  const lines = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`);
  return `<div class="wide" role="region" aria-label="${xml(label)}" tabindex="0"><table>
<thead><tr>${head}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody>
</table></div>`;
}
