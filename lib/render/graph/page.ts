import { counted } from '../words.js';
import { xml } from './escape.js';
import { layoutOf } from './layout.js';
import { PAGE_SCRIPT } from './page-script.js';
import { PAGE_STYLE } from './page-style.js';
import { svgParts, svgStyle } from './svg.js';
import type { DrawnEdge, DrawnNode } from './text.js';

/** A revision of a page: what is drawn, and what is told of it when it is chosen. */
export interface PageNode extends DrawnNode {
  readonly file: string | null;
  /** Facts; null where no catalogue tells them. */
  readonly adds?: readonly string[] | null | undefined;
  readonly removes?: readonly string[] | null | undefined;
}

/** A database of a page. */
export interface PageDatabase {
  readonly database: string;
  readonly state: string;
  readonly current: readonly string[];
  readonly applied: readonly string[];
  readonly missed: readonly string[];
  readonly edited: readonly string[];
  readonly release: string | null;
  readonly entries: readonly {
    readonly revision: string;
    readonly direction: string;
    readonly outcome: string;
    readonly startedAt: string;
    readonly ms: number | null;
    readonly actor: string;
    readonly host: string;
  }[];
}

/**
 * The graph as one page that needs nothing else: no network, no other file. It can be moved, enlarged and searched; a chosen revision
 * tells what is known of it; with several databases, each can be shown.
 * @returns HTML with a line end
 */
export function pageHtml(
  nodes: readonly PageNode[],
  edges: readonly DrawnEdge[],
  databases: readonly PageDatabase[],
  title: string,
): string {
  const layout = layoutOf(nodes, edges);
  const data = {
    width: layout.width,
    height: layout.height,
    nodes: nodes.map((node) => ({ ...node, box: layout.boxes.get(node.revision) })),
    edges: edges.map(({ from, to, kind }) => ({ from, to, kind })),
    databases,
  };
  const choice =
    databases.length < 2
      ? ''
      : `<label for="database">Database</label> <select id="database">${databases
          .map(({ database }, n) => `<option value="${n}">${xml(database)}</option>`)
          .join('')}</select>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${xml(title)}</title>
<style>${svgStyle(':root')}
${PAGE_STYLE}</style>
</head>
<body>
<header>
<h1>${xml(title)}</h1>
<search><label for="find">Find</label> <input id="find" type="search" placeholder="id, message, label" autocomplete="off"> <span id="found" role="status"></span></search>
${choice}
<p id="standing">${databases.length === 0 ? counted(nodes.length, 'revision') : ''}</p>
<div class="zoom"><button type="button" id="out" aria-label="Smaller">−</button><button type="button" id="in" aria-label="Larger">+</button><button type="button" id="fit">All</button></div>
</header>
<main>
<nav aria-label="Revisions"><ol id="list"></ol></nav>
<div id="stage"><svg id="graph" role="group" aria-label="Graph of ${counted(nodes.length, 'revision')}. Arrow keys go to parents and children." width="100%" height="100%"><g id="view">
${svgParts(nodes, layout)}
</g></svg></div>
<aside id="details" aria-label="Revision" aria-live="polite" hidden></aside>
</main>
<script type="application/json" id="data">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}
