import { halfDowngraded, rowsLost, unrecordedRows } from '../access/judgement.js';
import { RevgraphError } from '../errors/error.js';
import { unrecordedWay } from '../errors/words.js';
import type { RevisionState } from './explanation.js';
import type { RevisionFindings } from './findings.js';

/** The command that goes on, and what it does or why there is none. */
interface WayOn {
  readonly next: string | null;
  readonly says: readonly string[];
}

/** What a revision of the graph is. Pure; the judgement is that of `status`. */
export function stateOfRevision(findings: RevisionFindings): RevisionState {
  const { id, judged, opened, entries, heldBy } = findings;
  const [last] = entries;
  if (opened.unsquashed.some(({ squash }) => squash === id)) return 'below';
  if (judged.lost.includes(id)) return 'lost';
  if (judged.missed.some(({ revision }) => revision === id)) return 'missed';
  const open = last !== undefined && last.outcome !== 'done';
  if (judged.applied.includes(id)) return open ? 'unfinished' : findings.isEdited ? 'edited' : 'applied';
  // An attempt to take away what a stamp has forgotten since is over.
  if (open && last.direction === 'upgrade') return 'unfinished';
  return heldBy.length > 0 ? 'held' : 'pending';
}

/** How to go on. */
export function wayOn(findings: RevisionFindings, state: RevisionState): WayOn {
  const { id, judged, backfillOpen, entries } = findings;
  if (state === 'applied' && backfillOpen)
    return { next: 'revgraph backfill work', says: ['Its backfill in the background is not finished.'] };
  if (state === 'applied') return { next: null, says: [] };
  if (state === 'edited')
    return {
      next: `revgraph accept ${id} --reason "…"`,
      says: [
        'Put the change into a new revision, or restore the file. If it is meant, accept it. `revgraph doctor` compares the schema.',
      ],
    };
  if (findings.stopped !== null)
    return { next: `revgraph backfill resume ${id}`, says: [`Its backfill was ${findings.stopped}.`] };
  const obstacle = obstacleOf(findings, state);
  if (obstacle !== null) return obstacle;
  if (state === 'unfinished' && judged.applied.includes(id)) {
    if (entries[0]?.direction === 'downgrade')
      return { next: `revgraph undo ${id}`, says: ['To try again, fix the cause and undo it.'] };
    return backfillOpen
      ? { next: 'revgraph backfill work', says: ['Fix the cause, then go on with its backfill.'] }
      : { next: null, says: ['It is applied all the same, and nothing has to be done.'] };
  }
  if (state === 'held') return wayOutOfHold(findings);
  return state === 'unfinished' ? tryAgain(findings) : { next: `revgraph upgrade ${id}`, says: [] };
}

/** What keeps every upgrade of this database from running, this revision's among them. */
function obstacleOf(
  { judged, opened, project, ...rest }: RevisionFindings,
  state: RevisionState,
): WayOn | null {
  const { graph } = project;
  const { rows, table, unsquashed } = opened;
  const before =
    state === 'lost' || state === 'missed' || state === 'below' ? [] : ['Until then no upgrade runs.'];
  const [part] = unsquashed;
  if (part !== undefined) {
    const { message, hint } = new RevgraphError('below_squash', { rows, ...part, release: null });
    return { next: null, says: [message, ...(hint === null ? [] : [hint])] };
  }
  if (judged.lost.length > 0) {
    const { details, hint } = rowsLost(graph, opened, judged);
    if (details.under !== undefined) return { next: null, says: [String(hint), ...before] };
    const says = [`A stamp restores the rows of ${table.name}.`, ...before];
    const target = details.unrun === undefined ? `${details.restore.join(' ')} --yes` : '--recorded';
    return { next: `revgraph stamp ${target}`, says };
  }
  const [half] = judged.halfDown;
  if (half !== undefined) {
    const { details, hint } = halfDowngraded(graph, opened, half);
    if (details.hasFile === false) return { next: null, says: [String(hint), ...before] };
    const says = [
      `A downgrade of ${half} stopped halfway. It goes on, or a stamp records that all of it is there.`,
    ];
    return { next: `revgraph undo ${half}`, says: [...says, ...before] };
  }
  const unrecorded = unrecordedRows(graph, rows, judged.missed);
  if (unrecorded.length > 0) return { next: null, says: [unrecordedWay(rows, unrecorded), ...before] };
  if (judged.missed.length > 0) {
    const ids = judged.missed.map(({ revision }) => revision).join(', ');
    const next = `revgraph repair${rest.unknownRows.length === 0 ? '' : ' --unknown-rows allow'}`;
    return { next, says: [`A repair runs exactly what never ran: ${ids}.`, ...before] };
  }
  const unknown = rest.unknownRows;
  if (unknown.length > 0 && !rest.besideUnknown)
    return {
      next: `revgraph explain ${unknown[0]}`,
      says: [
        `${table.name} has ${unknown.join(', ')}, which no file has, so upgrades are refused. Settle that first, or leave it alone with --unknown-rows allow.`,
      ],
    };
  if (rest.databaseState === 'legacy')
    return {
      next: 'revgraph stamp --auto',
      says: [
        'The database has tables, but no version table: whether this revision is applied, only the schema can tell. A stamp by evidence records it.',
      ],
    };
  if (rest.belowMinimum !== null) return { next: null, says: [rest.belowMinimum] };
  return null;
}

function wayOutOfHold({ heldBy, needs, judged, project }: RevisionFindings): WayOn {
  const [{ backfill } = { backfill: '' }] = heldBy;
  if (needs.includes(backfill)) return { next: `revgraph upgrade ${backfill}`, says: [] };
  const isOpen = judged.applied.includes(backfill) && project.revisions.has(backfill);
  return { next: isOpen ? 'revgraph backfill work' : null, says: [] };
}

/** After a failure, or with a decision that was made since. Code that may not run twice is not run again by itself. */
function tryAgain({ id, project, body, entries }: RevisionFindings): WayOn {
  const header = project.revisions.get(id)?.header;
  if (
    entries[0]?.outcome !== 'retry' &&
    body?.kind === 'code' &&
    header?.transaction === 'none' &&
    !header.idempotent
  )
    return {
      next: null,
      says: [
        `Its code runs outside a transaction, so its earlier effects remain. If it may run twice, add @idempotent to its header and run \`revgraph upgrade ${id}\`. If all of its changes exist, run \`revgraph stamp ${id}\`.`,
      ],
    };
  const says =
    entries[0]?.outcome === 'running'
      ? 'An upgrade waits for a run that goes on, and continues one that was interrupted.'
      : 'Fix the cause, then upgrade again.';
  return { next: `revgraph upgrade ${id}`, says: [says] };
}
