import type { UnknownRow } from '../errors/error.js';
import { unknownText } from '../errors/unknown-row.js';
import type { SchemaProof } from '../evidence/mending/schema-proof.js';
import { type Paint, PLAIN } from './lists.js';
import { counted, differenceText, inLine, list } from './words.js';

interface Status {
  readonly state: string;
  readonly current: readonly string[];
  readonly labels?: Readonly<Record<string, readonly string[]>>;
  readonly heads: readonly string[];
  readonly pending: readonly string[];
  readonly unfinished?: readonly {
    readonly revision: string;
    readonly name: string;
    readonly state: string;
    readonly failed: number;
    readonly next: string | null;
  }[];
  readonly missed?: readonly {
    readonly revision: string;
    readonly above: readonly string[];
    readonly shaken?: true;
    readonly reused?: true;
  }[];
  readonly lost?: readonly string[];
  readonly reparented?: readonly {
    readonly revision: string;
    readonly from: readonly string[];
    readonly to: readonly string[];
  }[];
  readonly removed?: readonly string[];
  readonly halfDone?: readonly {
    readonly revision: string;
    readonly direction: string;
    readonly finished: number;
    readonly inDoubt?: boolean;
    readonly hasFile?: boolean;
  }[];
  readonly failed?: readonly {
    readonly revision: string;
    readonly failures: number;
    readonly parked: boolean;
    readonly reason: string | null;
  }[];
  readonly unrecorded?: readonly string[];
  readonly edited?: readonly string[];
  readonly unknown?: readonly UnknownRow[];
  readonly unsquashed?: readonly {
    readonly squash: string;
    readonly ran: readonly string[];
    readonly missing: readonly string[];
  }[];
  readonly unproven?: readonly { readonly object: string }[];
  readonly proof?: SchemaProof | null;
  readonly versionTable: string;
  readonly database: string;
}

const STATES: Readonly<Record<string, string>> = {
  empty: 'empty: nothing has run yet',
  legacy: 'legacy: it has tables, but no version table',
  behind: 'behind: revisions are pending',
  current: 'current: nothing to do',
  ahead: 'ahead: it has revisions that are not in these files',
  missed: 'missed: revisions below applied ones never ran',
  lost: 'lost: the version table lacks rows that the ledger records',
  halfway: 'halfway: a downgrade stopped before its end',
  below: 'below: only a part of what a squash took the place of ran here',
};

/** `current`: the rows, one per line. */
export function currentText(status: Status, paint: Paint = PLAIN): string {
  const heads = new Set(status.heads);
  if (status.current.length === 0)
    return status.state === 'legacy'
      ? 'legacy database: it has tables, but no version table'
      : 'base (nothing applied)';
  return status.current
    .map((row) => `${lineText(status, row, paint)}${heads.has(row) ? ` ${paint.mark('(head)')}` : ''}`)
    .join('\n');
}

const STANDING: Readonly<Record<string, string>> = {
  queued: 'waits in the background',
  running: 'is running',
  interrupted: 'was interrupted',
  paused: 'is paused',
  cancelled: 'was cancelled',
  done: 'is through, and its revision is not applied yet',
};

function standingText(
  { revision, name, state, failed, next }: NonNullable<Status['unfinished']>[number],
  paint: Paint,
): string {
  const what = state === 'incomplete' ? `${counted(failed, 'row')} failed` : (STANDING[state] ?? state);
  return [
    `${paint.id(revision)}${name === '' ? '' : ` (${name})`} ${what}`,
    ...(next === null ? [] : [`\`${next}\``]),
  ].join('; ');
}

/** A row and the labels of its line. */
function lineText({ labels = {} }: Status, row: string, paint: Paint): string {
  const own = Object.hasOwn(labels, row) ? labels[row] : undefined;
  return own === undefined ? paint.id(row) : `${paint.id(row)} ${paint.mark(`(${own.join(', ')})`)}`;
}

function proofLines(proof: Status['proof'] | null): string[] {
  if (proof == null) return [];
  if (proof.skipped !== null) return [`schema    not compared with the catalogue: ${proof.skipped}`];
  const differences = [...proof.made, ...proof.before];
  if (differences.length === 0) return ['schema    as the catalogue has it'];
  return differences.map((one) => `schema    ${differenceText(one)}`);
}

/** How a step outside a transaction goes on. What its last statement did is looked for by the command, which asks where it can't tell. */
function halfwayText(
  { revision, direction, finished, inDoubt, hasFile }: NonNullable<Status['halfDone']>[number],
  paint: Paint,
  missed: ReadonlySet<string>,
): string {
  // What is missed, an upgrade refuses.
  const verb = missed.has(revision)
    ? 'revgraph repair'
    : `revgraph ${direction === 'upgrade' ? 'upgrade' : 'undo'} ${revision}`;
  const where =
    hasFile === false
      ? `stopped after ${counted(finished, 'statement')}, and no file has it; code that has it goes on`
      : inDoubt === true
        ? `stopped in statement ${finished + 1}, and whether that was finished is not known; \`${verb}\` looks for what it left, and asks where that does not show`
        : `stopped after ${counted(finished, 'statement')}; \`${verb}\` goes on`;
  return `halfway   ${paint.id(revision)}: its ${direction} ${where}`;
}

/** Of the lines of unknown rows nothing is known: then it says which lines it speaks of. */
const nonePending = ({ unknown = [], heads }: Status): string =>
  unknown.length === 0 ? 'none' : `none of these files: ${list(heads)} ran`;

/** `status`: where the database is, in a few lines. */
export function statusText(status: Status, paint: Paint = PLAIN): string {
  const pending = status.pending.length;
  // Below a squash the older revisions are needed first.
  const [unrecorded] = status.unrecorded ?? [];
  const repair =
    unrecorded !== undefined
      ? `; \`revgraph explain ${unrecorded}\``
      : status.state === 'missed'
        ? '; `revgraph repair`'
        : status.state === 'ahead'
          ? '; `revgraph repair --unknown-rows allow`'
          : '';
  const missed = new Set(status.missed?.map(({ revision }) => revision));
  return [
    `database  ${status.database}`,
    `state     ${STATES[status.state] ?? status.state}`,
    `current   ${list(status.current.map((row) => lineText(status, row, paint))) || 'base'}`,
    `heads     ${list(status.heads.map(paint.id)) || 'none'}`,
    `pending   ${pending === 0 ? nonePending(status) : `${pending}: ${list(status.pending)}`}`,
    ...(status.missed ?? []).map(
      ({ revision, above, shaken, reused }) =>
        `missed    ${paint.id(revision)} ${shaken === true ? 'ran, and what it stood on was taken back since' : reused === true ? 'ran with another text and in another place: it may be another revision' : 'never ran'}${above.length === 0 ? '' : `, below ${list(above, 4)}`}${shaken !== true && reused !== true && status.current.includes(revision) ? '; a row, without an entry' : ''}${repair}`,
    ),
    ...(status.lost === undefined || status.lost.length === 0
      ? []
      : [
          `lost      ${list(status.lost)}: recorded as run, and in no row; \`revgraph upgrade\` names the stamp`,
        ]),
    ...(status.halfDone ?? []).map((one) => halfwayText(one, paint, missed)),
    ...(status.failed ?? []).map(
      ({ revision, failures, parked, reason }) =>
        `failed    ${paint.id(revision)} failed ${failures === 1 ? 'once' : `${failures} times in a row`}${reason === null ? '' : `: ${inLine(reason)}`}${parked ? `; boot does not try it again before its text changes or \`revgraph retry ${revision}\`` : ''}`,
    ),
    ...(status.reparented ?? []).map(
      ({ revision, from, to }) =>
        `moved     ${paint.id(revision)} ran on ${list(from, 4) || 'base'}, and stands on ${list(to, 4) || 'base'} now; nothing is hidden by it`,
    ),
    ...(status.removed === undefined || status.removed.length === 0
      ? []
      : [
          `removed   ${list(status.removed)}: ran here, and no file has ${status.removed.length === 1 ? 'it' : 'them'}; nothing needs ${status.removed.length === 1 ? 'it' : 'them'}`,
        ]),
    ...(status.edited === undefined || status.edited.length === 0
      ? []
      : [
          `edited    ${list(status.edited.map(paint.id))}: not what ran here; \`revgraph accept ${status.edited[0]} --reason "…"\` records that it is meant`,
        ]),
    ...(status.unknown ?? []).map((row) => `unknown   ${paint.id(row.revision)} ${unknownText(row)}`),
    ...(status.unsquashed ?? []).map(
      ({ squash, ran, missing }) =>
        `squash    ${paint.id(squash)} took the place of ${list(ran, 4)}, which ran, and of ${list(missing, 4)}, which did not`,
    ),
    ...(status.unfinished ?? []).map((one) => `backfill  ${standingText(one, paint)}`),
    ...(status.unproven ?? []).map(
      ({ object }) =>
        `unproven  ${object}: the last run left it otherwise than the catalogue has it; see \`revgraph doctor\``,
    ),
    ...proofLines(status.proof ?? null),
  ].join('\n');
}
