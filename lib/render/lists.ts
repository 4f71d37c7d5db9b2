import { inLine } from './words.js';

/** Paints parts of a line; the default leaves them as they are. Colours are the caller's business. */
export interface Paint {
  id(text: string): string;
  mark(text: string): string;
  dim(text: string): string;
  bad(text: string): string;
  good(text: string): string;
}

const same = (text: string): string => text;
export const PLAIN: Paint = { id: inLine, mark: same, dim: same, bad: same, good: same };

/** What a line says of a revision. */
export interface Line {
  readonly revision: string;
  readonly message?: string | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly revises?: readonly string[] | undefined;
  readonly dependsOn?: readonly string[] | undefined;
  readonly isHead?: boolean | undefined;
  readonly isMergePoint?: boolean | undefined;
  readonly isBranchPoint?: boolean | undefined;
}

function marks(line: Line): string[] {
  return [
    ...(line.labels !== undefined && line.labels.length > 0 ? [`(${line.labels.join(', ')})`] : []),
    ...(line.isHead === true ? ['(head)'] : []),
    ...(line.isBranchPoint === true ? ['(branch point)'] : []),
    ...(line.isMergePoint === true ? ['(merge point)'] : []),
  ];
}

/** `id (label) (head)  message` */
export function revisionLine(line: Line, paint: Paint = PLAIN): string {
  const head = [paint.id(line.revision), ...marks(line).map(paint.mark)].join(' ');
  return line.message === undefined || line.message === '' ? head : `${head}  ${line.message}`;
}

/** `id (label) (tip: a dependency of other)  message`: the end of a line that is no head. */
export function tipLine(line: Line & { readonly neededBy: readonly string[] }, paint: Paint = PLAIN): string {
  const tip = paint.mark(`(tip: a dependency of ${line.neededBy.join(', ')})`);
  const head = [paint.id(line.revision), ...marks(line).map(paint.mark), tip].join(' ');
  return line.message === undefined || line.message === '' ? head : `${head}  ${line.message}`;
}

/** `parent, parent -> id (head), message` */
export function historyLine(line: Line, paint: Paint = PLAIN): string {
  const parents = line.revises === undefined || line.revises.length === 0 ? 'base' : line.revises.join(', ');
  const needs =
    line.dependsOn === undefined || line.dependsOn.length === 0 ? '' : ` [${line.dependsOn.join(', ')}]`;
  return `${paint.dim(`${parents}${needs} ->`)} ${revisionLine(line, paint)}`;
}

interface Details extends Line {
  readonly file?: string | null;
  /** Facts; null if unknown. */
  readonly adds?: readonly string[] | null;
  readonly removes?: readonly string[] | null;
}

/** Everything about one revision, a line each. */
export function revisionDetails(line: Details, paint: Paint = PLAIN): string {
  const fact =
    (mark: string) =>
    (text: string): string =>
      `  ${mark} ${text}`;
  const row = (name: string, values: readonly string[] | undefined): string[] =>
    values === undefined || values.length === 0 ? [] : [`  ${name}: ${values.join(', ')}`];
  return [
    revisionLine({ ...line, labels: [] }, paint),
    ...row('revises', line.revises?.length === 0 ? ['nothing (base)'] : line.revises),
    ...row('depends on', line.dependsOn),
    ...row('labels', line.labels),
    ...row('file', line.file == null ? [] : [line.file]),
    ...(line.removes ?? []).map(fact(paint.bad('-'))),
    ...(line.adds ?? []).map(fact(paint.good('+'))),
    ...(line.adds?.length === 0 && line.removes?.length === 0 ? ['  does not change the schema'] : []),
  ].join('\n');
}

const SHOWN_PROPOSALS = 3;

/** What revisions might say of themselves, a line each. */
export function proposalLines(proposals: readonly { readonly message: string }[]): string[] {
  const more = proposals.length - SHOWN_PROPOSALS;
  return [
    ...proposals.slice(0, SHOWN_PROPOSALS).map(({ message }) => `→ ${message}.`),
    ...(more > 0 ? [`→ The same holds for ${more} more; \`revgraph check --json\` names them.`] : []),
  ];
}
