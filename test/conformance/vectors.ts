import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GraphNode } from '../../lib/graph/graph.js';

/** One line of a vector file; which fields are there depends on the family (fixtures/vectors/README.md). */
export interface Line {
  case?: string;
  graphId: string;
  origin: string;
  flags?: string[];
  // graphs
  graph?: { id: string; down: string[]; dependsOn: string[]; labels: string[] }[];
  // resolve
  mode?: string;
  symbol?: string;
  rows?: string[];
  // upgrade, downgrade
  target?: string | string[] | null;
  // stamp
  targets?: string[];
  // merge
  op?: 'merge' | 'revision';
  revisions?: string[];
  head?: string | string[];
  splice?: boolean;
  dependsOn?: string[];
  expect: Expectation;
}

export interface Expectation {
  error?: string;
  shouldBe?: { error: string };
  warnings?: (string | { kind: string })[];
  saneAfter?: string[];
  ids?: string[];
  set?: string[];
  after?: string[];
  down?: string[];
  dependsOn?: string[];
  branch?: string | null;
  crash?: string;
  stage?: string;
  heads?: string[];
  realHeads?: string[];
  bases?: string[];
  realBases?: string[];
  branchPoints?: string[];
  mergePoints?: string[];
  branchLabels?: Record<string, string[]>;
  resolvedDependsOn?: Record<string, string[]>;
}

export const FAMILIES = ['graphs', 'resolve', 'upgrade', 'downgrade', 'stamp', 'merge'] as const;
export type Family = (typeof FAMILIES)[number];

export const DIRECTORY = process.env.REVGRAPH_VECTORS ?? 'fixtures/vectors';

export function readLines(family: Family): Line[] {
  return readFileSync(join(DIRECTORY, `${family}.jsonl`), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Line);
}

/** Ids of the cases that `quirks.json` beside the vectors names. */
export function quirkIds(): Set<string> {
  const file = join(DIRECTORY, 'quirks.json');
  if (!existsSync(file)) return new Set();
  const quirks = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { ids?: string[] }>;
  return new Set(Object.values(quirks).flatMap((quirk) => quirk.ids ?? []));
}

export const lineId = (line: Line): string => line.case ?? line.graphId;

/** A line that must agree with Alembic: no flag but `row_order`, and no quirk. */
export function isBinding(line: Line, quirks: ReadonlySet<string>): boolean {
  return (line.flags ?? []).every((flag) => flag === 'row_order') && !quirks.has(lineId(line));
}

export function toNodes(graph: NonNullable<Line['graph']>): GraphNode[] {
  return graph.map(({ id, down, dependsOn, labels }) => ({ id, revises: down, dependsOn, labels }));
}
