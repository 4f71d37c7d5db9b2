import { RevgraphError } from '../errors/error.js';
import type { Graph } from '../graph/graph.js';
import { BASE, lookup } from '../graph/lookup.js';
import type { Releases } from './releases.js';

/** Turns what was typed into targets of the graph. */
export interface Naming {
  all(graph: Graph, typed: string | readonly string[]): string | readonly string[];
  /** @throws `bad_target` for a release that ends in several revisions */
  one(graph: Graph, typed: string): string;
  /** The revisions of a release; null where a revision was typed. */
  release(graph: Graph, typed: string): readonly string[] | null;
}

/** Targets may be releases where there are any; else they are what was typed. */
export async function namingOf(releases: Releases | undefined): Promise<Naming> {
  if (releases === undefined)
    return { all: (_, typed) => typed, one: (_, typed) => typed, release: () => null };
  const { releaseNamed, releaseTargets } = await import('./releases.js');
  const all = (graph: Graph, typed: string | readonly string[]): string | readonly string[] => {
    const named = [typed].flat().flatMap((target) => releaseTargets(graph, releases, target));
    return named.length === 1 ? (named[0] as string) : named;
  };
  const one = (graph: Graph, typed: string): string => {
    const named = all(graph, typed);
    if (typeof named === 'string') return named;
    throw new RevgraphError('bad_target', {
      target: typed,
      reason: `the release has several revisions, ${named.join(', ')}, and one is required`,
    });
  };
  return { all, one, release: (graph, typed) => releaseNamed(graph, releases, typed) };
}

/** The revisions that absolute targets name; base names none. @throws as `lookup` and `Naming` */
export function idsNamed(graph: Graph, naming: Naming, typed: string | readonly string[]): string[] {
  const targets = [naming.all(graph, typed)].flat();
  return graph.idsOf(targets.flatMap((target) => lookup(graph, target)).filter((n) => n !== BASE));
}

/** The release that rows stand for, or null. */
export async function releaseOfRows(
  graph: Graph,
  releases: Releases | undefined,
  rows: readonly string[],
): Promise<string | null> {
  if (releases === undefined || rows.length === 0) return null;
  const { releaseOf } = await import('./releases.js');
  return releaseOf(graph, releases, graph.closureOf(rows));
}
