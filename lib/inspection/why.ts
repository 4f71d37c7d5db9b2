import { agree, counted, eitherWay, excerpt, list } from '../errors/words.js';
import type { RevisionState } from './explanation.js';
import type { RevisionFindings } from './findings.js';
import type { LogEntry } from './log-entry.js';

const SHOWN = 4;

/** Why a revision of the graph is what it is, in sentences. Pure. */
export function whyOf(findings: RevisionFindings, state: RevisionState): string[] {
  return [...WHY[state](findings), ...editable(findings, state)];
}

type Why = (findings: RevisionFindings) => string[];
const none: Why = () => [];

const WHY: { readonly [S in RevisionState]: Why } = {
  applied: (found) => [...appliedText(found), ...aboveText(found)],
  edited: (found) => [
    ...appliedText(found),
    'Its file has been edited since: what it does now is not what ran. Whether the database has the change is not recorded.',
  ],
  pending: (found) => [...notRunText(found), ...needsText(found)],
  held: ({ heldBy, id }) =>
    heldBy.map(({ revision, why }) =>
      revision === id
        ? `${id} is held: ${why}.`
        : `${id} is held, because it stands on ${revision}, which is held: ${why}.`,
    ),
  unfinished: (found) => [
    ...ranText(found.entries[0] ?? null),
    ...(found.judged.applied.includes(found.id)
      ? [`${found.id} is still applied.`]
      : [...remainsText(found), ...needsText(found)]),
  ],
  missed: (found) => {
    const { id, above, entries, judged, opened } = found;
    if (judged.shaken.includes(id))
      return [
        ...ranText(entries[0] ?? null),
        `Then what it stands on was taken back by code without it, and ran again: what ${id} did may be gone.`,
      ];
    if (judged.missed.some((one) => one.revision === id && one.reused))
      return [
        ...ranText(entries[0] ?? null),
        `It had another text, and what stood on it then does not stand on it now: the file of ${id} may be another revision, which never ran.`,
      ];
    const isRow = opened.rows.includes(id);
    const row = `${id} is a row of ${opened.table.name}, and no entry of the ledger says that it ran. ${eitherWay(id)}`;
    const stands = `${id} never ran here, but ${list(above, SHOWN)}, which ${agree(above.length, 'stands', 'stand')} on it, ${agree(above.length, 'is', 'are')} applied.`;
    const then =
      'It was inserted below, made a dependency, or brought there by re-parenting after they had run.';
    const ran = entries.length > 0 ? ranText(entries[0] ?? null) : [then];
    return [...(isRow ? [row] : []), ...(above.length === 0 ? [] : [stands]), ...(isRow ? [] : ran)];
  },
  lost: ({ entries, opened: { rows, table }, id }) => [
    ...ranText(entries[0] ?? null),
    `No row of ${table.name} claims ${id}: the table holds ${list(rows, SHOWN) || 'no row'}. It was emptied, restored from a backup or changed by hand, and an upgrade would run the revision a second time.`,
  ],
  below: none,
  renamed: none,
  squashed: none,
  unknown: none,
  deleted: none,
};

function appliedText({ id, entries, opened: { rows, table, record }, above }: RevisionFindings): string[] {
  const claimed = rows.filter((row) => row === id || above.includes(row));
  const where = rows.includes(id)
    ? `it is a row of ${table.name}`
    : claimed.length > 0
      ? `it is below ${list(claimed, SHOWN)} in ${table.name}`
      : `a row of ${table.name} includes it`;
  const [last] = entries;
  if (last === undefined)
    return [
      record === null || record.length === 0
        ? `${id} is applied: ${where}. There is no entry of the ledger that says when it ran.`
        : `${id} is applied: ${where}. It was there when the ledger began.`,
    ];
  if (last.direction === 'downgrade')
    return [`${id} is applied: ${where}. Another tool put it there after the ledger's last entry about it.`];
  return [`${id} is applied: ${where}.`, ...ranText(last)];
}

function aboveText({ above, judged }: RevisionFindings): string[] {
  if (above.length === 0 || judged.applied.length === 0) return [];
  return [
    `${list(above, SHOWN)} ${agree(above.length, 'stands', 'stand')} on it, and ${agree(above.length, 'goes', 'go')} with it in a downgrade.`,
  ];
}

function notRunText({ id, entries }: RevisionFindings): string[] {
  const [last] = entries;
  if (last === undefined) return [`${id} has not run on this database.`];
  if (last.direction === 'downgrade' && last.outcome === 'done')
    return [`${id} is not applied: it was taken back.`, ...ranText(last)];
  return [`${id} is not applied: a later stamp does not count it.`, ...ranText(last)];
}

function needsText({ needs }: RevisionFindings): string[] {
  if (needs.length === 0) return [];
  return [
    `It stands on ${counted(needs.length, 'other revision')} that ${agree(needs.length, 'has', 'have')} to run first: ${list(needs, SHOWN)}.`,
  ];
}

/** What is left of an attempt that did not come to an end. */
function remainsText({ body, entries, project, id }: RevisionFindings): string[] {
  const { progress } = entries[0] as LogEntry;
  if (progress !== null)
    return [
      `It runs outside a transaction, and ${progress.finished} of ${counted(progress.statements, 'statement')} ${agree(progress.finished, 'is', 'are')} finished. An upgrade continues after ${agree(progress.finished, 'that one', 'those')}, unless a finished statement has been edited.`,
    ];
  const isWhole = body?.kind === 'sql' && body.batches.length === 0;
  return isWhole && project.revisions.get(id)?.header.transaction !== 'none'
    ? ['Nothing of it remains.']
    : [];
}

/** Whether it was edited can't be told where its file can't be read. */
function editable({ unreadable }: RevisionFindings, state: RevisionState): string[] {
  if (unreadable === null) return [];
  const told = `Its file can't be read: ${unreadable}`;
  return [state === 'applied' ? `${told} Whether it was edited since it ran is not known.` : told];
}

/** What the newest entry of the ledger says, as a sentence or two. */
export function ranText(entry: LogEntry | null): string[] {
  if (entry === null) return [];
  const { direction, revision, outcome, startedAt, actor, host, application, attempt, reason } = entry;
  const by = `by ${actor} on ${host}${application === null ? '' : ` for ${application}`}`;
  const at = `on ${startedAt.slice(0, 16).replace('T', ' ')} UTC`;
  const nth = attempt > 1 ? ` (attempt ${attempt})` : '';
  const why = reason === null ? '' : `, with the reason: ${reason}`;
  if (direction === 'stamp' && entry.rowsFrom.includes(revision) && !entry.rowsTo.includes(revision))
    return [`Its row was taken away ${at} ${by}${why}: it counts as one that never ran.`];
  if (direction === 'stamp') return [`A stamp counted it as applied ${at} ${by}${why}.`];
  if (outcome === 'done') return [`The ${direction} of ${revision} ran ${at} ${by}${nth}.`];
  if (outcome === 'running')
    return [
      `The ${direction} of ${revision} began ${at} ${by}${nth}, and has not recorded how it ended: it goes on, or it was interrupted.`,
    ];
  if (outcome === 'retry')
    return [
      `The ${direction} of ${revision} did not end well; ${at} it was ordered ${by} to be tried again${reason === null ? '' : `, with the reason: ${reason}`}.`,
    ];
  const state = entry.sqlstate === null ? '' : ` (SQLSTATE ${entry.sqlstate})`;
  return [
    `The ${direction} of ${revision} failed ${at} ${by}${nth}: ${(entry.message ?? 'no reason is recorded').replace(/\.$/, '')}${state}.`,
    ...(entry.statement === null ? [] : [`It failed at: ${excerpt(entry.statement)}`]),
  ];
}
