import type { DoctorFinding, DoctorResult } from '../evidence/doctor.js';
import type { DriftRepair } from '../evidence/mending/repair-drift.js';
import type { RepairReview } from '../evidence/repair.js';
import { type Paint, PLAIN } from './lists.js';
import { counted, differenceText, excerpt, list, printable } from './words.js';

const SHOWN_FACTS = 4;
const SHOWN_FOREIGN = 4;

/** What `doctor` found, for people. */
export function diagnosisText(found: DoctorResult, paint: Paint = PLAIN): string {
  const ids = (rows: readonly string[]): string => list(rows.map(paint.id)) || 'nothing';
  return [
    `claimed   ${ids(found.claimed)}`,
    `evidence  ${ids(found.evidence)}${found.release === null ? '' : ` (release ${found.release})`}`,
    ...(found.undetermined.length === 0 ? [] : [`no trace  ${ids(found.undetermined)}`]),
    ...found.findings.flatMap((finding) => findingLines(finding, paint)),
    ...found.accepted.map((one) => `accepted  ${acceptedText(one)}`),
    ...(found.foreign.length === 0 ? [] : [foreignLine(found.foreign)]),
    ...(found.ok ? ['The schema agrees with the version table.'] : []),
  ].join('\n');
}

/** `index public.item_price is missing` */
function acceptedText({ object, missing, unexpected }: DoctorResult['accepted'][number]): string {
  const other = unexpected.find((fact) => !fact.startsWith(`${object}: `) && fact !== object) ?? null;
  return differenceText({ object, missing, unexpected, renamed: missing.length > 0 ? other : null });
}

/** Statements that mend what has drifted, as a script; what has none is a comment. */
export function mendsScript(mends: DoctorResult['mends']): string {
  if (mends.length === 0) return '-- Nothing has drifted.';
  return mends
    .flatMap(({ object, sql, note }) => [
      `-- ${printable(object)}${note === null ? '' : `: ${note}`}`,
      ...sql.map((statement) => `${statement};`),
    ])
    .join('\n');
}

/** What `repair --drift` did, or would do. */
export function mendedText({ dryRun, mends, failed }: DriftRepair): string {
  const left = mends.filter(({ sql }) => sql.length === 0);
  const isFailed = new Set(failed.map(({ object }) => object));
  const statements = mends.flatMap(({ object, sql }) => (isFailed.has(object) ? [] : sql));
  if (mends.length === 0) return 'Nothing has drifted.';
  if (dryRun) return mendsScript(mends);
  return [
    `${counted(statements.length, 'statement')} run: ${list(statements)}`,
    ...failed.map(({ object, reason }) => `not mended: ${object}, because its statements failed: ${reason}`),
    ...left.map(({ object, note }) => `left as it is: ${object}${note === null ? '' : `, because ${note}`}`),
  ].join('\n');
}

/** `foreign   21: table public.extra, …` */
export function foreignLine(foreign: readonly string[]): string {
  const some = foreign.map((fact) => excerpt(fact, 60));
  return `foreign   ${foreign.length}: ${list(some, SHOWN_FOREIGN)}`;
}

function findingLines({ message, missing, unexpected }: DoctorFinding, paint: Paint): string[] {
  const facts = [
    ...missing.map((fact) => `  ${paint.bad('-')} ${excerpt(fact)}`),
    ...unexpected.map((fact) => `  ${paint.good('+')} ${excerpt(fact)}`),
  ];
  const more = facts.length > SHOWN_FACTS ? [`  … ${facts.length - SHOWN_FACTS} more`] : [];
  return [message, ...facts.slice(0, SHOWN_FACTS), ...more];
}

const MARKS: { readonly [E in RepairReview['evidence']]: string } = {
  shown: 'is there',
  none: 'no trace',
  drift: 'drifted',
  undone: 'taken away',
  changed: 'other shape',
  missing: 'never ran',
};

const WIDEST = Math.max(...Object.values(MARKS).map((mark) => mark.length));

/** What `repair` makes of every claimed revision: a line each. */
export function reviewText(revisions: readonly RepairReview[], paint: Paint = PLAIN): string {
  const width = Math.max(0, ...revisions.map(({ revision }) => revision.length));
  return revisions
    .map(({ revision, evidence, run, tables }) => {
      const mark = MARKS[evidence].padEnd(WIDEST);
      const rows = tables.length === 0 ? '' : `, which writes rows of ${list(tables)}`;
      return `${paint.id(revision.padEnd(width))}  claimed  ${run ? paint.bad(mark) : mark}  ${run ? `run${rows}` : '-'}`;
    })
    .join('\n');
}

/** Why nothing is run: only a schema without any finding matches the version table. */
export function nothingText(findings: readonly DoctorFinding[]): string {
  if (findings.length === 0) return 'Nothing to repair: the schema matches the version table.';
  const names = findings.map(({ revision }) => revision ?? 'no version table');
  return `Nothing is run, but the schema differs from the version table: ${list([...new Set(names)])}. See \`revgraph doctor\`.`;
}
