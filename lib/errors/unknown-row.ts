import type { ErrorDetails } from './details.js';
import type { UnknownRow } from './problem.js';
import type { Sentence } from './sentence.js';
import { inLine, list, shellWord } from './words.js';

type Details = ErrorDetails['unknown_row'];
type Kind = UnknownRow['kind'];

/** Rows that no file has: where they come from, as the ledger tells it, and the ways on. */
export function unknownRow({ rows, table, heads = [], unknown = [] }: Details): Sentence {
  const newest = heads.length === 0 ? '' : `; their newest is ${list(heads)}`;
  const known = unknown.filter(({ kind }) => kind !== 'foreign');
  return {
    message: [
      `The database is at ${list(rows)} (table ${table}), which is not one of these revisions${newest}.`,
      ...known.map((row) => `${inLine(row.revision)} ${unknownText(row)}.`),
    ].join(' '),
    hint: hintOf(unknown, table),
  };
}

/** `is ahead of this code: it stands on r1 (ran …)`: what follows the id of a row that no file has. */
export function unknownText(row: UnknownRow): string {
  const breaks =
    row.breaksBefore === null ? '' : `; code before ${inLine(row.breaksBefore)} does not run on it`;
  return `${WHAT[row.kind](row)}${told(row)}${breaks}`;
}

const WHAT: { readonly [K in Kind]: (row: UnknownRow) => string } = {
  ahead: ({ on }) => `is ahead of this code: it stands on ${list(on)}`,
  branch: ({ on }) =>
    `comes from another branch of the code: it stands on ${list(on)}, and not all of these revisions ran here`,
  other: () => 'belongs to a line that these revisions do not have: a plugin that is gone, or a retired line',
  below: ({ on }) => `is one of those whose place the squash ${list(on)} took`,
  foreign: () => 'is of other revisions',
};

function told({ ranAt, actor, host, application }: UnknownRow): string {
  if (ranAt === null) return '';
  const by = actor === null ? '' : ` by ${actor}${host === null ? '' : ` on ${host}`}`;
  return ` (ran ${ranAt.slice(0, 16).replace('T', ' ')} UTC${by}${application === null ? '' : ` for ${application}`})`;
}

const ALLOW = 'To leave the row alone, use --unknown-rows allow.';

function hintOf(unknown: readonly UnknownRow[], table: string): string {
  const kinds = new Set(unknown.map(({ kind }) => kind));
  const other =
    table === 'revgraph_version'
      ? ''
      : ' To ignore the table of another tool, use --version-table revgraph_version.';
  const kept = unknown.length > 0 && unknown.every((row) => row.kept);
  if (kinds.size === 1 && kinds.has('ahead'))
    return kept
      ? `Deploy the code that has it, or take it back with \`revgraph undo ${unknown[0]?.revision}\`, by the downgrade that the ledger keeps. ${ALLOW}`
      : `Deploy the code that has it, or take it back with that code first. ${ALLOW}`;
  if (kinds.size === 1 && kinds.has('branch'))
    return kept
      ? `\`revgraph switch\` takes it back, by the downgrade that the ledger keeps, and brings the database to this branch. ${ALLOW}`
      : `Use the branch of the code that has it: merge it, or go back with it first. ${ALLOW}`;
  const [first] = unknown;
  if (kinds.size === 1 && kinds.has('other') && first !== undefined)
    return `Bring back the code that has it. If that line is retired, \`revgraph forget ${shellWord(first.revision)} --reason "…" --yes\` lets its row go. ${ALLOW}`;
  if (unknown.length > 0 && unknown.every(({ kind, ranAt }) => kind === 'foreign' && ranAt !== null))
    return `None of these revisions ran here. Check --revisions, or go through a version of the code that has both. If one of these is a squash of what ran, name that in its header (\`@replaces\`, oldest first). To leave the row alone, and run all of these, use --unknown-rows allow.${other}`;
  return `The database is ahead of this code, which is older, or belongs to other revisions. Deploy the code that has them, or check --revisions. ${ALLOW}${other}`;
}
