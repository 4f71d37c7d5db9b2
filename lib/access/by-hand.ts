import type { Queryable } from '../database/connection/session.js';
import { ranInOrder } from '../database/tables/last-entries.js';
import type { VersionRows } from '../database/tables/read-rows.js';
import type { LedgerRecord } from '../database/tables/record.js';
import { graphOf, type Project } from '../project/project.js';
import { holdsInOrder } from '../revision/definition.js';
import type { EventBody } from '../run/events.js';
import { judge } from './judgement.js';
import { goneIn } from './record/moved.js';
import { inNamesOf, type NamedRows } from './record/names.js';

/** A squash whose header does not say so, and the revisions whose statements it holds. */
interface SquashByHand {
  readonly squash: string;
  /** In the order in which they ran here. */
  readonly replaces: readonly string[];
}

/** What ran here, with its checksum, in the order in which it did. */
type Ran = readonly { readonly revision: string; readonly checksum: string }[];

/**
 * Rows and record in the names of the project, and the project as this database shows it to be meant.
 * @param named as the project has them by its headers: something never ran, and several that ran are gone
 */
export async function asMeant(
  client: Queryable,
  project: Project,
  stored: VersionRows,
  named: NamedRows,
  emit: (event: EventBody) => void,
): Promise<{ named: NamedRows; project: Project }> {
  const read = ({ graph }: Project): NamedRows => inNamesOf(graph, stored);
  const found = await squashesByHand(client, project, named, read);
  if (found.length === 0) return { named, project };
  for (const { squash, replaces } of found) {
    const parts = replaces.join(', ');
    emit({
      type: 'warning',
      message: `${squash} holds what ran here as ${parts}, statement for statement, and counts as applied. Write \`@replaces ${parts}\` into its header.`,
    });
  }
  const meant = withSquashes(project, found);
  return { named: read(meant), project: meant };
}

/**
 * Revisions below applied ones that never ran under their own id, and hold, statement for statement and in the same order, what
 * ran here as two or more that no file has any more; what is applied above them ran on those. One statement that is other, one
 * revision in between that is left out, two that hold the same: then they are revisions that never ran. What stands on such a
 * squash may be one as well, so it is asked until nothing is found.
 */
async function squashesByHand(
  client: Queryable,
  project: Project,
  named: NamedRows,
  read: (project: Project) => NamedRows,
): Promise<SquashByHand[]> {
  const gone = new Set(goneIn(project.graph, named.record));
  const ran = await ranInOrder(client, named.table);
  const found: SquashByHand[] = [];
  for (let [meant, now] = [project, named]; ; ) {
    const more = await heldBy(meant, now, ran, gone);
    if (more.length === 0) break;
    found.push(...more);
    meant = withSquashes(project, found);
    now = read(meant);
  }
  const parts = new Set(found.flatMap(({ replaces }) => replaces));
  const first = ran.findIndex(({ revision }) => parts.has(revision));
  // What came after the first of them, and is in none, may have changed what they made.
  const behind = ran.slice(Math.max(first, 0)).filter(({ revision }) => gone.has(revision));
  return behind.every(({ revision }) => parts.has(revision)) ? found : [];
}

/** One round of {@link squashesByHand}. */
async function heldBy(
  { graph, revisions }: Project,
  now: NamedRows,
  ran: Ran,
  gone: ReadonlySet<string>,
): Promise<SquashByHand[]> {
  const record = now.record ?? [];
  const found: SquashByHand[] = [];
  for (const { revision: squash, above } of judge(graph, now).missed) {
    const revision = revisions.get(squash);
    if (revision === undefined || (revision.header.replaces ?? []).length > 0) continue;
    const replaces = await holdsInOrder(revision, ran);
    if (replaces.length < 2 || !replaces.every((part) => gone.has(part))) continue;
    const onIt = above.filter((id) => graph.parentsOf(id).includes(squash));
    const tookTheirPlace = onIt.every((id) => ranOn(graph, record, id).some((one) => replaces.includes(one)));
    // Where nothing is above it, an entry of ours from when there was something names its parts.
    const isNamed = record.some(({ names }) => names?.[squash]?.join() === replaces.join());
    if (onIt.length > 0 ? tookTheirPlace : isNamed) found.push({ squash, replaces });
  }
  return found.filter(({ replaces }, i) =>
    found.every((other, j) => i === j || !other.replaces.some((part) => replaces.includes(part))),
  );
}

/** Parents with which a revision ran; of a squash, those of what it took the place of. */
function ranOn(graph: Project['graph'], record: LedgerRecord, id: string): readonly string[] {
  const ids = [id, ...(graph.squashes.get(id) ?? [])];
  return record.flatMap(({ revision, direction, parents }) =>
    direction === 'upgrade' && ids.includes(revision) ? (parents ?? []) : [],
  );
}

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
