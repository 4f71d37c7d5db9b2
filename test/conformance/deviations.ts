import type { Graph } from '../../lib/graph/graph.js';
import { ID_PATTERN } from '../../lib/graph/name.js';
import type { Line } from './vectors.js';

/** A rule over cases where revgraph does not follow Alembic on purpose; docs/decisions/0002-deviations.md says why. */
export interface Deviation {
  readonly name: string;
  /** `nodes` is the graph as written, `graph` what was built of it (null where it is refused). */
  applies(line: Line, nodes: NonNullable<Line['graph']>, graph: Graph | null): boolean;
}

const target = (line: Line): string => {
  const typed = line.symbol ?? line.target ?? line.targets ?? line.revisions ?? line.head ?? '';
  return typeof typed === 'string' ? typed : typed.join(' ');
};

/** Alembic's pattern for relative targets has no end anchor: it sees `shop-2` in `shop-2@head` as “two below shop”. */
const unanchored = (text: string): boolean =>
  text
    .split(/[ :]/)
    .some((part) => /^(?:(.+?)@)?(\w+)?[+-]\d+./.test(part) && !/^(?:(.+)@)?(\w+)?[+-]\d+$/.test(part));

export const DEVIATIONS: readonly Deviation[] = [
  {
    name: 'ids outside the pattern are refused',
    applies: (_, nodes) => nodes.some((node) => !ID_PATTERN.test(node.id)),
  },
  {
    name: 'a duplicate id is refused',
    applies: (_, nodes) => new Set(nodes.map((node) => node.id)).size !== nodes.length,
  },
  {
    name: 'a parent named twice counts once',
    applies: (line, nodes) =>
      line.mode === undefined && nodes.some((n) => new Set(n.down).size !== n.down.length),
  },
  {
    name: 'text after a relative number is not ignored',
    applies: (line) => unanchored(target(line)),
  },
  {
    name: 'ids with dots take +N and -N like others',
    applies: (line) => /^([^@]+@)?[A-Za-z0-9_]*\.[A-Za-z0-9_.]*[+-]\d+$/.test(target(line)),
  },
  {
    name: 'nothing is below base',
    applies: (line) => /(^|[@:])base-\d+($|:)/.test(target(line)),
  },
  {
    name: '-N from several rows is ambiguous where the rows lead to different places',
    applies: (line) => /^-\d+$/.test(target(line)) && (line.rows ?? []).length > 1,
  },
  {
    name: 'an abbreviated id in the version table is an unknown row',
    applies: ({ rows }, _, graph) =>
      graph !== null &&
      (rows ?? []).some((row) => !graph.has(row) && graph.ids.some((id) => id.startsWith(row))),
  },
  {
    name: 'the history of an empty database is empty, and current stands for the rows at both ends',
    applies: ({ mode, rows, symbol }) =>
      mode === 'history' &&
      (symbol === 'current:current' || ((rows ?? []).length === 0 && symbol?.endsWith(':current') === true)),
  },
  {
    name: 'a stamp does not count: -N below the heads says nothing about a database',
    applies: ({ targets }) => targets?.some((t) => /^([^@]+@)?-\d+$/.test(t)) === true,
  },
  {
    name: 'every revision that a stamp names is stored',
    applies: ({ targets, rows }) =>
      targets !== undefined &&
      (rows ?? []).length > 1 &&
      (targets.length > 1 || /(^|@)heads$/.test(targets[0] ?? '')),
  },
];
