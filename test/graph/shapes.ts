import { buildGraph } from '../../lib/graph/build.js';
import type { Graph, GraphNode } from '../../lib/graph/graph.js';

/**
 * One revision as text: `ID #LABEL… : PARENT… | PREREQUISITE…`, where all but the id may be missing. Its file is `ID.sql`.
 */
export function nodeOf(text: string): GraphNode {
  const [history = '', prerequisites = ''] = text.split('|');
  const [self = '', parents = ''] = history.split(':');
  const [id = '', ...labels] = words(self);
  return {
    id,
    revises: words(parents),
    dependsOn: words(prerequisites),
    labels: labels.map((label) => label.slice(1)),
    file: `${id}.sql`,
  };
}

/** The graph of revisions that are written as text. */
export const graphOf = (...texts: string[]): Graph => buildGraph(texts.map(nodeOf));

export const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');

/*
 * a ─ b ─ c ─ d ─ e
 */
export const CHAIN = graphOf('a', 'b: a', 'c: b', 'd: c', 'e: d');

/*
 *     ┌ b ┐
 * a ─ ┤   ├ d
 *     └ c ┘
 */
export const DIAMOND = graphOf('a', 'b: a', 'c: a', 'd: b c');

/*
 *     ┌ b1 ┐       ┌ c1 ┐
 * a ─ ┤    ├ m1 ─ ┤    ├ m2
 *     └ b2 ┘       └ c2 ┘
 */
export const BRAID = graphOf('a', 'b1: a', 'b2: a', 'm1: b1 b2', 'c1: m1', 'c2: m1', 'm2: c1 c2');

/*
 * Two merge points over the same three branches, and one over both.
 *
 *     ┌ b1 ┬──── c1 ┐
 * a ─ ┼ b2 ┤        ├ d
 *     └ b3 ┴──── c2 ┘       c1: b1 b2 b3    c2: b1 b2 b3
 */
export const TWIN_MERGE = graphOf('a', 'b1: a', 'b2: a', 'b3: a', 'c1: b1 b2 b3', 'c2: b1 b2 b3', 'd: c1 c2');

/*
 * Two merge points that share only one branch.
 *
 *     ┌ b1 ┬ c1 ┐
 * a ─ ┼ b2 ┤    ├ d
 *     └ b3 ┴ c2 ┘           c1: b1 b2    c2: b2 b3
 */
export const NOT_QUITE_TWIN_MERGE = graphOf(
  'a',
  'b1: a',
  'b2: a',
  'b3: a',
  'c1: b1 b2',
  'c2: b2 b3',
  'd: c1 c2',
);

/*
 * Three bases in one merge point, and three lines out of it again.
 *
 * a1 ─ b1 ┐     ┌ c1
 * a2 ─ b2 ┼ m ─ ┼ c2
 * a3 ─ b3 ┘     └ c3
 */
export const THREE_WAY_MERGE = graphOf(
  'a1',
  'b1: a1',
  'a2',
  'b2: a2',
  'a3',
  'b3: a3',
  'm: b1 b2 b3',
  'c1: m',
  'c2: m',
  'c3: m',
);

/*
 * a ─ b ─ c      b depends on a, c depends on a: prerequisites that history has already
 */
export const DEPENDS_ON_OWN_ANCESTOR = graphOf('a', 'b: a | a', 'c: b | a');

/*
 * shop1 ─ shop2 ─ shop3       #shop
 * blog1 ─ blog2               #blog
 * mail1                       #mail
 */
export const FOREST = graphOf(
  'shop1 #shop',
  'shop2: shop1',
  'shop3: shop2',
  'blog1 #blog',
  'blog2: blog1',
  'mail1 #mail',
);

/*
 * Two lines, where the second needs the middle of the first.
 *
 * core1 ─ core2 ─ core3       #core
 *            ╎
 * shop1 ─ shop2 ─ shop3       #shop, shop2 depends on core2
 */
export const CROSS_DEPENDENCY = graphOf(
  'core1 #core',
  'core2: core1',
  'core3: core2',
  'shop1 #shop',
  'shop2: shop1 | core2',
  'shop3: shop2',
);

/*
 * As `ab68d77b5088` in the reference graph: `again` revises `learning`, although `facts` has it already.
 *
 *        ┌ learning  ┬───────────────────┐
 * root ─ ┤           ├ merge ─ facts ─ again ─ last
 *        └ summaries ┘
 */
export const REDUNDANT_PARENT = graphOf(
  'root',
  'learning: root',
  'summaries: root',
  'merge: learning summaries',
  'facts: merge',
  'again: learning facts',
  'last: again',
);
