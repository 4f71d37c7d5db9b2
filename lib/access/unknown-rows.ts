import type { DatabaseOptions } from '../config/options.js';
import { RevgraphError } from '../errors/error.js';
import { judge } from './judgement.js';
import type { Opened } from './open.js';
import { goneIn } from './record/moved.js';
import type { Unsquashed } from './record/names.js';
import { breaksIn, standingOn } from './record/recorded.js';
import { knownBelow, unknownRowsOf } from './unknown-kinds.js';

type Settings = Pick<DatabaseOptions, 'unknownRows' | 'releases'>;

/**
 * Decides what an id in the version table means that the graph doesn't have.
 *
 * @returns rows for planning, or null where there are others beside them: what those include nobody here knows, and planning
 * on the rest would run it again
 * @throws `unknown_row` under the policy `refuse` (the default); `below_squash`
 */
export async function splitUnknown(
  opened: Opened,
  { unknownRows: policy = 'refuse', releases = {} }: Settings,
): Promise<readonly string[] | null> {
  const { rows, table, emit } = opened;
  const { graph } = opened.project;
  const [part] = opened.unsquashed;
  if (part !== undefined)
    throw new RevgraphError('below_squash', {
      rows,
      ...part,
      release: releaseAt(part, releases),
      gone: goneIn(graph, opened.record),
    });
  const unknown = rows.filter((row) => !graph.has(row));
  if (unknown.length === 0) return rows;
  if (policy === 'refuse')
    throw new RevgraphError('unknown_row', {
      rows: unknown,
      table: table.name,
      heads: graph.effectiveHeads,
      unknown: await unknownRowsOf(opened),
    });
  if (policy === 'warn')
    emit({
      type: 'warning',
      message: `the version table has ${unknown.join(', ')}, which is not one of these revisions`,
    });
  return null;
}

/**
 * The same for a service that starts: a database that is strictly ahead serves it, for whoever rolls out newer code, or goes
 * back from it, has both running for a while. A policy that was named is followed.
 */
export async function assertServable(opened: Opened, options: Settings): Promise<void> {
  if (options.unknownRows !== undefined || !isStrictlyAhead(opened)) await splitUnknown(opened, options);
  // Also what stands below a row that both codes have.
  if (options.unknownRows === undefined) await assertCompatible(opened, options);
}

/**
 * Refuses to serve with code that a revision which it lacks was not made for (`@breaks-before`).
 * @throws `incompatible`
 */
export async function assertCompatible(
  { project: { graph }, record }: Pick<Opened, 'project' | 'record'>,
  { releases = {} }: Pick<DatabaseOptions, 'releases'>,
): Promise<void> {
  const breaking = [...breaksIn(graph, record)].filter(([revision]) => !graph.has(revision));
  if (breaking.length === 0) return;
  const { isOlder, newestFirst } = await import('../project/releases.js');
  const [release = null] = newestFirst(releases);
  for (const [revision, breaksBefore] of breaking)
    if (release === null || isOlder(release, breaksBefore))
      throw new RevgraphError('incompatible', { revision, breaksBefore, release });
}

/**
 * Whether all that this graph has ran here, and every row beside it stands on that, by what the ledger recorded. No query.
 */
export function isStrictlyAhead({
  project: { graph },
  rows,
  record,
  begun,
  table,
}: Pick<Opened, 'project' | 'rows' | 'record' | 'begun' | 'table'>): boolean {
  const unknown = rows.filter((row) => !graph.has(row));
  if (unknown.length === 0 || record === null || graph.size === 0) return false;
  const { applied, missed, halfDown } = judge(graph, { rows, record, begun, table });
  if (applied.length < graph.size || missed.length + halfDown.length > 0) return false;
  const parents = standingOn(record);
  return unknown.every((row) => (knownBelow(graph, row, (id) => parents.get(id) ?? null) ?? []).length > 0);
}

/** The release that ends in a squash, or ended in the last of the revisions whose place it took. */
export function releaseAt(
  { squash, missing }: Pick<Unsquashed, 'squash' | 'missing'>,
  releases: NonNullable<Settings['releases']>,
): string | null {
  const ends = [squash, missing.at(-1)];
  const found = Object.entries(releases).find(([, target]) =>
    [target].flat().some((id) => ends.includes(id)),
  );
  return found?.[0] ?? null;
}
