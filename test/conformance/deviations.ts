import type { Graph } from '../../lib/graph/graph.js';
import { lookupOne, resolveBranch, splitBranch } from '../../lib/graph/lookup.js';
import { ID_PATTERN, LABEL_PATTERN, RESERVED } from '../../lib/graph/name.js';
import type { Family, Line } from './vectors.js';

type Nodes = NonNullable<Line['graph']>;

/** A rule over cases where revgraph does not follow Alembic on purpose; docs/decisions/0002-deviations.md says why. */
export interface Deviation {
  readonly name: string;
  /** What Alembic answers in a case that the fixtures don't have; a rule that they meet needs none. */
  readonly example?: Example;
  /** `nodes` is the graph as written, `graph` what was built of it (null where it is refused). */
  applies(line: Line, nodes: Nodes, graph: Graph | null): boolean;
}

export interface Example {
  readonly family: Exclude<Family, 'graphs'>;
  readonly nodes: Nodes;
  readonly line: Omit<Line, 'graphId' | 'origin'>;
}

/** `a`, `b<a`, `c<a,b`, `d<a [label]` … */
const nodes = (...written: readonly string[]): Nodes =>
  written.map((one) => {
    const [, id = '', down, label] = /^(\w+)(?:<([\w,]+))?(?: \[(.+)\])?$/.exec(one) ?? [];
    return { id, down: down?.split(',') ?? [], dependsOn: [], labels: label === undefined ? [] : [label] };
  });

const target = (line: Line): string => {
  const typed = line.symbol ?? line.target ?? line.targets ?? line.revisions ?? line.head ?? '';
  return typeof typed === 'string' ? typed : typed.join(' ');
};

/** The targets of a line, one by one; both ends of a range. */
const parts = (line: Line): readonly string[] => target(line).split(/[ :]/);

/** Alembic's pattern for relative targets has no end anchor: it sees `shop-2` in `shop-2@head` as “two below shop”. */
const unanchored = (part: string): boolean =>
  /^(?:(.+?)@)?([\p{L}\p{N}_]+)?[+-]\d+./u.test(part) && !/^(?:(.+)@)?([\p{L}\p{N}_]+)?[+-]\d+$/u.test(part);

/** It takes a label `shop-2` itself for “two below what starts with shop”, too. */
const countsLabel = (part: string, written: Nodes): boolean =>
  /[+-]\d+$/.test(part) &&
  written.some((node) => node.labels.includes(part.slice(part.lastIndexOf('@') + 1)));

/** A branch before an @ that nothing, or more than one thing, goes by. */
const unknownBranch = (part: string, graph: Graph): boolean => {
  const { branch, name } = splitBranch(part);
  if (branch === null) return part.startsWith('@') && counts(name);
  return attempt(() => resolveBranch(graph, branch)) === undefined;
};

/** BRANCH@REV, counted up or not, where REV is a revision that is not on the line of BRANCH. */
const offBranch = (part: string, graph: Graph): boolean => {
  const { branch, name } = splitBranch(part.replace(/(?<=\w)(\+\d+|-0+)$/, ''));
  const bearer = branch === null ? undefined : attempt(() => resolveBranch(graph, branch));
  const revision = attempt(() => lookupOne(graph, name));
  return bearer !== undefined && revision !== undefined && graph.lineage(bearer)[revision] === 0;
};

/** Fewer than four characters that an id or label begins with. */
const shortPrefix = (part: string, graph: Graph): boolean =>
  part.split('@').some((word) => {
    const name = word.replace(/[+-]\d+$/, '');
    const named = [...graph.ids, ...graph.labels.keys()];
    return (
      name !== '' &&
      name.length < 4 &&
      !named.includes(name) &&
      named.some((id) => id.length > 3 && id.startsWith(name))
    );
  });

const attempt = <T>(action: () => T): T | undefined => {
  try {
    return action();
  } catch {
    return undefined;
  }
};

const counts = (name: string): boolean => /^([^@]+@)?-\d+$/.test(name);

export const DEVIATIONS: readonly Deviation[] = [
  {
    name: 'ids and labels that no target can name are refused',
    applies: (_, written) =>
      written.some(
        ({ id, labels }) =>
          !ID_PATTERN.test(id) ||
          RESERVED.has(id) ||
          labels.some((label) => !LABEL_PATTERN.test(label) || RESERVED.has(label)),
      ),
  },
  {
    name: 'a duplicate id is refused',
    applies: (_, nodes) => new Set(nodes.map((node) => node.id)).size !== nodes.length,
  },
  {
    name: 'a parent named twice counts once',
    applies: (_, written) => written.some(({ down }) => new Set(down).size !== down.length),
  },
  {
    name: 'a label that ends in a number is a name, and text after a relative number is not ignored',
    applies: (line, written) => parts(line).some((part) => unanchored(part) || countsLabel(part, written)),
  },
  {
    name: 'ids with dots take +N and -N like others',
    applies: (line) => /^([^@]+@)?[A-Za-z0-9_]*\.[A-Za-z0-9_.]*[+-]\d+$/.test(target(line)),
  },
  {
    name: 'a prefix has at least four characters',
    applies: (line, _, graph) =>
      graph !== null && [...parts(line), ...(line.dependsOn ?? [])].some((part) => shortPrefix(part, graph)),
  },
  {
    name: 'head is what nothing revises or depends on',
    applies: (line, _, graph) =>
      graph !== null &&
      graph.heads.length > graph.effectiveHeads.length &&
      parts(line).some((part) => /^([^@]+@)?(head([+-]\d+)?)?$/.test(part)),
  },
  {
    name: '-N that ends at the sides of a merge point takes the merge point away',
    applies: (line, _, graph) =>
      /^-\d+$/.test(target(line)) && (line.rows ?? []).length > 0 && (graph?.mergePoints.length ?? 0) > 0,
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
    name: 'a label or an abbreviated id in the version table is an unknown row',
    applies: ({ rows }, _, graph) =>
      graph !== null &&
      (rows ?? []).some(
        (row) =>
          !graph.has(row) && [...graph.ids, ...graph.labels.keys()].some((name) => name.startsWith(row)),
      ),
  },
  {
    name: 'the history of an empty database is empty, and current stands for the rows at both ends',
    applies: ({ mode, rows, symbol }) =>
      mode === 'history' &&
      (symbol === 'current:current' || ((rows ?? []).length === 0 && symbol?.endsWith(':current') === true)),
  },
  {
    name: 'a stamp does not count, and a new revision not past the base: -N below the heads says nothing about either',
    applies: ({ targets, revisions, head }) => [targets, revisions, head].flat().some((t) => counts(t ?? '')),
  },
  {
    name: 'every revision that a stamp names is stored',
    applies: ({ targets, rows }) =>
      targets !== undefined &&
      (targets.length > 1 || ((rows ?? []).length > 1 && /(^|@)heads$/.test(targets[0] ?? ''))),
  },
  {
    name: 'a branch that nothing goes by is refused, with every target behind it',
    example: {
      family: 'upgrade',
      nodes: nodes('a', 'b<a'),
      line: { rows: [], target: 'nosuch@base', expect: { set: [], after: [] } },
    },
    applies: (line, _, graph) => parts(line).some((part) => graph !== null && unknownBranch(part, graph)),
  },
  {
    name: 'a list of one target is that target',
    example: {
      family: 'upgrade',
      nodes: nodes('a', 'b<a'),
      line: { rows: ['a'], target: ['+1'], expect: { error: 'unknown_revision' } },
    },
    applies: (line) =>
      Array.isArray(line.target) && line.target.length === 1 && /[+-]\d+$/.test(target(line)),
  },
  {
    name: 'a stamp at BRANCH@REV is about the line of REV',
    example: {
      family: 'stamp',
      nodes: nodes('root', 'left<root', 'right<root', 'top<right'),
      line: { rows: ['left', 'top'], targets: ['root@right'], expect: { after: ['right'] } },
    },
    applies: ({ targets }) => targets?.some((t) => /.@./.test(t)) === true,
  },
  {
    name: 'a downgrade to BRANCH@REV needs REV on that branch',
    example: {
      family: 'downgrade',
      nodes: nodes('a', 'b<a [lib]', 'c'),
      line: { rows: ['c', 'b'], target: 'lib@c+0', expect: { set: [], after: ['b', 'c'] } },
    },
    applies: (line, _, graph) => parts(line).some((part) => graph !== null && offBranch(part, graph)),
  },
  {
    name: 'a history from N below the heads starts at the base where there are not so many',
    example: {
      family: 'resolve',
      nodes: nodes('a', 'b<a'),
      line: { mode: 'history', symbol: '-2:', expect: { error: 'not_an_ancestor' } },
    },
    applies: ({ mode, symbol }) => mode === 'history' && /^([^@:]+@)?-\d+:/.test(symbol ?? ''),
  },
];
