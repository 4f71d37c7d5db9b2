import semver from 'semver';
import { RevgraphError } from '../errors/error.js';
import { squashedAway } from '../graph/former.js';
import type { Graph } from '../graph/graph.js';
import { nearest } from '../graph/name.js';
import { COUNTS } from '../graph/target.js';

const LOOSE = { loose: true, includePrerelease: true } as const;

/**
 * What a typed target means where releases are known: the revisions of a release (`v1.0.28`, `1.0.28`), those of the
 * highest release in a semver range (`^1.0.0`, `1.0.x`), or the target itself. A revision of that name comes first.
 * @throws `unknown_release`, `release_invalid`
 */
export function releaseTargets(graph: Graph, releases: Releases, typed: string): readonly string[] {
  return releaseNamed(graph, releases, typed) ?? [typed];
}

/** The revisions of the release that a typed target means; null if it means a revision. @throws as {@link releaseTargets} */
export function releaseNamed(graph: Graph, releases: Releases, typed: string): readonly string[] | null {
  if (graph.has(typed) || graph.labels.has(typed)) return null;
  const named = keyOf(releases, typed);
  if (named !== undefined) return revisionsOf(graph, releases, named);
  if (COUNTS.test(typed)) return null;
  if (!/\d/.test(typed) || graph.ids.some((id) => id.startsWith(typed))) return null;
  if (semver.validRange(typed, LOOSE) === null) return null;
  const best = newestFirst(releases).find((key) => semver.satisfies(key, typed, LOOSE));
  if (best !== undefined) return revisionsOf(graph, releases, best);
  if (!/[.^~<>=*]/.test(typed)) return null;
  throw new RevgraphError('unknown_release', { release: typed, releases: newestFirst(releases) });
}

/**
 * The release that a database has: the highest one that includes everything that is surely applied, and nothing that is
 * surely not. Null if it is between releases.
 *
 * @param least marks of what is applied
 * @param greatest marks of what may be applied; the same where all of it is known
 */
export function releaseOf(
  graph: Graph,
  releases: Releases,
  least: Uint8Array,
  greatest: Uint8Array = least,
): string | null {
  const fits = (key: string): boolean => {
    const has = closureOf(graph, releases, key);
    return has.every((mark, n) => mark >= (least[n] ?? 0) && mark <= (greatest[n] ?? 0));
  };
  return newestFirst(releases).find((key) => isWhole(graph, releases, key) && fits(key)) ?? null;
}

/**
 * Refuses to upgrade a database that is older than the oldest release that is still supported.
 * @throws `below_minimum`
 */
export function assertMinimum(
  graph: Graph,
  { releases = {}, minimum }: { releases?: Releases | undefined; minimum?: string | undefined },
  rows: readonly string[],
): void {
  if (minimum === undefined || rows.length === 0) return;
  const key = releaseKey(releases, minimum);
  const applied = graph.closureOf(rows);
  const needed = closureOf(graph, releases, key);
  if (needed.every((mark, n) => mark <= (applied[n] ?? 0))) return;
  throw new RevgraphError('below_minimum', {
    rows,
    release: releaseOf(graph, releases, applied),
    minimum: key,
    revisions: revisionsOf(graph, releases, key),
  });
}

/** Whether a release is still a state of its own: none of its revisions is only a part of a squash. */
export function isWhole(graph: Graph, releases: Releases, key: string): boolean {
  return [releases[key] ?? []].flat().every((revision) => squashedAway(graph, revision) === undefined);
}

/** Whether a version of the product comes before another. */
export function isOlder(version: string, than: string): boolean {
  const [mine, other] = [version, than].map((one) => semver.coerce(one, { includePrerelease: true }));
  return mine == null || other == null || semver.lt(mine, other);
}

/** Versions, the highest first. */
export function newestFirst(releases: Releases): string[] {
  return Object.keys(releases).sort((a, b) => semver.rcompare(a, b, LOOSE));
}

/** `v1.0.6` and `1.0.6` are one release; `1.0.6+1` is not a release, although it is a semver version: it counts from a revision. */
function keyOf(releases: Releases, version: string): string | undefined {
  const bare = (text: string): string => text.replace(/^v/i, '');
  return Object.keys(releases).find((key) => bare(key) === bare(version));
}

/** A release as it is configured. @throws `unknown_release` */
export function releaseKey(releases: Releases, typed: string): string {
  const key = keyOf(releases, typed);
  if (key !== undefined) return key;
  throw new RevgraphError('unknown_release', { release: typed, releases: newestFirst(releases) });
}

/** Ids of a release. @throws `release_invalid` for one that no file has */
export function revisionsOf(graph: Graph, releases: Releases, key: string): readonly string[] {
  return [releases[key] ?? []].flat().map((revision) => {
    const away = squashedAway(graph, revision);
    if (away !== undefined)
      throw new RevgraphError('squashed_away', { name: revision, release: key, ...away });
    const today = graph.today(revision);
    if (today !== undefined) return today;
    throw new RevgraphError('release_invalid', {
      release: key,
      revision,
      suggestions: nearest(revision, graph.ids),
    });
  });
}

function closureOf(graph: Graph, releases: Releases, key: string): Uint8Array {
  return graph.closureOf(revisionsOf(graph, releases, key));
}

/** Versions of the product that owns the revisions → the revisions that each ends in. */
export type Releases = Readonly<Record<string, string | readonly string[]>>;
