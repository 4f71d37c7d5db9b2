import type { Queryable } from '../database/connection/session.js';
import type { VersionRows } from '../database/tables/read-rows.js';
import type { LedgerRecord } from '../database/tables/record.js';
import { graphOf, type Project } from '../project/project.js';
import { holdsInOrder } from '../revision/definition.js';
import type { Event } from '../run/events.js';
import { judge } from './judgement.js';
import { goneIn } from './moved.js';
import { inNamesOf, type NamedRows } from './names.js';
import { recordedChecksums } from './recorded.js';

/** A squash whose header does not say so, and the revisions whose statements it holds. */
interface SquashByHand {
  readonly squash: string;
  /** In the order in which they ran here. */
  readonly replaces: readonly string[];
}

/** Rows and record in the names of the project, and the project as this database shows it to be meant. */
export async function asMeant(
  client: Queryable,
  project: Project,
  stored: VersionRows,
  emit: (event: Event) => void,
): Promise<{ named: NamedRows; project: Project }> {
  const named = inNamesOf(project.graph, stored);
  const squashes = await squashesByHand(project, named, () => recordedChecksums(client, named));
  if (squashes.length === 0) return { named, project };
  for (const { squash, replaces } of squashes) {
    const parts = replaces.join(', ');
    emit({
      type: 'warning',
      message: `${squash} holds what ran here as ${parts}, statement for statement, and counts as applied. Write \`@replaces ${parts}\` into its header.`,
    });
  }
  const meant = withSquashes(project, squashes);
  return { named: inNamesOf(meant.graph, stored), project: meant };
}

/**
 * Revisions below applied ones that never ran under their own id, and hold, statement for statement and in the same order, what
 * ran here as two or more that no file has any more; what is applied above them ran on those. One statement that is other, and
 * it is a revision that never ran. Bodies are read only where both are there: something that never ran, and something gone.
 *
 * @param checksums of what ran, by revision
 */
async function squashesByHand(
  { graph, revisions }: Project,
  found: NamedRows,
  checksums: () => Promise<ReadonlyMap<string, string>>,
): Promise<SquashByHand[]> {
  const { record } = found;
  if (record === null || record.length === 0) return [];
  const gone = goneIn(graph, record);
  if (gone.length < 2) return [];
  const { missed } = judge(graph, found);
  if (missed.length === 0) return [];
  const known = await checksums();
  const ran = gone.flatMap((revision) => {
    const checksum = known.get(revision);
    return checksum === undefined ? [] : [{ revision, checksum }];
  });
  const squashes: SquashByHand[] = [];
  for (const { revision: squash, above } of missed) {
    const revision = revisions.get(squash);
    const onIt = above.filter((id) => graph.parentsOf(id).includes(squash));
    if (revision === undefined || (revision.header.replaces ?? []).length > 0 || onIt.length === 0) continue;
    const replaces = await holdsInOrder(revision, ran);
    const tookTheirPlace = onIt.every((id) => ranOn(record, id).some((parent) => replaces.includes(parent)));
    if (replaces.length > 1 && tookTheirPlace) squashes.push({ squash, replaces });
  }
  return squashes;
}

/** Parents with which a revision ran. */
const ranOn = (record: LedgerRecord, id: string): readonly string[] =>
  record.findLast(({ revision, direction }) => revision === id && direction === 'upgrade')?.parents ?? [];

/** The project as if their headers said what they are. */
function withSquashes(project: Project, found: readonly SquashByHand[]): Project {
  const by = new Map(found.map(({ squash, replaces }) => [squash, replaces]));
  const revisions = new Map(
    [...project.revisions].map(([id, revision]) => {
      const replaces = by.get(id);
      return [
        id,
        replaces === undefined ? revision : { ...revision, header: { ...revision.header, replaces } },
      ];
    }),
  );
  return { ...project, revisions, graph: graphOf([...revisions.values()]) };
}
