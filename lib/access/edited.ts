import type { DatabaseOptions } from '../config/options.js';
import type { Queryable } from '../database/connection/session.js';
import { ranInOrder } from '../database/tables/last-entries.js';
import type { VersionRows } from '../database/tables/read-rows.js';
import type { LedgerRecord } from '../database/tables/record.js';
import { RevgraphError } from '../errors/error.js';
import type { Project } from '../project/project.js';
import { holdsInOrder, isAsRecorded } from '../revision/definition.js';
import type { EventBody } from '../run/events.js';
import { type Judged, judge } from './judgement.js';
import { goneIn } from './record/moved.js';
import { recordedChecksums } from './record/recorded.js';

type Looked = Judged &
  Pick<VersionRows, 'table'> & { readonly project: Project; readonly session: Queryable };

/**
 * Applied revisions whose upgrade part is not what ran here, parents first. What has the same text is not read closer.
 * @param only to look at these alone
 */
export async function editedIn(opened: Looked, only?: readonly string[]): Promise<string[]> {
  const { project, record, session, table } = opened;
  if (record === null || record.length === 0) return [];
  const recorded = await recordedChecksums(session, project.graph, opened);
  const applied = project.graph.marksOf(judge(project.graph, opened).applied);
  const gone = new Set(goneIn(project.graph, record));
  let ran: Awaited<ReturnType<typeof ranInOrder>> | undefined;
  const edited: string[] = [];
  for (const [n, id] of project.graph.ids.entries()) {
    const checksum = recorded.get(id);
    const revision = project.revisions.get(id);
    if (applied[n] !== 1 || only?.includes(id) === false) continue;
    // A squash under the id of one of its parts: those ran here, and not its text.
    const parts = (project.graph.squashes.get(id) ?? []).filter((part) => part !== id);
    if (parts.length > 0 && (parts.every((part) => recorded.has(part)) || ranAsPart(record, id, parts)))
      continue;
    // Of one that no file has, only the way back is known.
    if (checksum === undefined || revision?.body.text === undefined) continue;
    if (await isAsRecorded(revision, checksum)) continue;
    // It took in others that have no file any more: every statement of it ran.
    if (gone.size > 0) ran ??= await ranInOrder(session, table);
    const held = ran === undefined ? [] : await holdsInOrder(revision, ran);
    if (!held.includes(id) || !held.every((part) => part === id || gone.has(part))) edited.push(id);
  }
  return edited;
}

/** Whether what ran last under the id of a squash was the part of that id, by older code: it names none of the others. */
function ranAsPart(record: LedgerRecord, id: string, parts: readonly string[]): boolean {
  const last = record.findLast(({ revision, direction }) => direction === 'upgrade' && revision === id);
  return last !== undefined && !parts.some((part) => last.names?.[id]?.includes(part) === true);
}

/**
 * Tells of revisions that were edited since they ran, before others run upon them.
 * @throws `edited_revisions` under the policy `refuse`
 */
export async function assertUnedited(
  opened: Looked & { readonly emit: (event: EventBody) => void },
  { edited: policy = 'warn' }: Pick<DatabaseOptions, 'edited'>,
): Promise<void> {
  if (policy === 'allow') return;
  const edited = await editedIn(opened);
  if (edited.length === 0) return;
  const error = new RevgraphError('edited_revisions', { edited });
  if (policy === 'refuse') throw error;
  opened.emit({ type: 'warning', message: `${error.message} ${error.hint}` });
}
