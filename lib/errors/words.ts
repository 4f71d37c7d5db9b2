const SHOWN = 12;

/** `a, b and 3 more`: at most `shown` names. */
export function list(names: readonly string[], shown = SHOWN): string {
  const all = names.length <= shown ? names : names.slice(0, shown);
  const more = names.length - all.length;
  return `${all.map(inLine).join(', ')}${more === 0 ? '' : ` and ${more} more`}`;
}

/** A name that may come from a table or a file, in a line: a line end in it would make another line of it. */
export const inLine = (name: string): string =>
  /[\n\t]/.test(name) ? name.replaceAll('\n', '\\n').replaceAll('\t', '\\t') : name;

/** What is said of one, or of another number. */
export function agree(n: number, one: string, many: string): string {
  return n === 1 ? one : many;
}

/**
 * `1 revision`, `2 revisions`, `0 batches`: a number and what it counts.
 * @param shown the number, where it is not to be shown as it is
 */
export function counted(n: number, one: string, many = `${one}s`, shown = String(n)): string {
  return `${shown} ${agree(n, one, many)}`;
}

/** `1.5 s`, `12 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

/** Milliseconds with a unit: `1.5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  return ms < 60_000
    ? `${(ms / 1000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** The start of a statement on one line, for messages. */
export function excerpt(statement: string, width = 160): string {
  // Behind a comment a line end counts.
  const ends = statement.includes('--') ? statement.trim().replace(/\s*\n\s*/g, ' ⏎ ') : statement;
  const line = ends.replace(/\s+/g, ' ').trim();
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}

/** A word as it is typed in a POSIX shell: quoted only where that is needed. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** `1 fact differs`, `4 facts differ`. */
export function factsDiffer(count: number): string {
  return counted(count, 'fact differs', 'facts differ');
}

const SHOWN_TRUST = 4;

/** `b (the rows of item), a (the rows of item and of log)`: the topmost revisions, and what is believed of them. */
export function onTrustText(
  trusted: readonly { readonly revision: string; readonly what: readonly string[] }[],
): string {
  return list(
    trusted.map(({ revision, what }) => `${revision} (${list(what, SHOWN_TRUST)})`),
    SHOWN_TRUST,
  );
}

/** `b2: DROP TABLE item, 3 rows`: what is lost with a revision; null: nobody counted. */
export function lossText({
  revision,
  what,
  rows,
}: {
  readonly revision: string;
  readonly what: string;
  readonly rows: number | null;
}): string {
  return `${revision}: ${what}${rows === null ? '' : `, ${counted(rows, 'row')}`}`;
}

/** How an object differs from what a revision made of it. */
export interface ToldDifference {
  readonly object: string;
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly renamed: string | null;
}

/** `index public.item_price is missing`, `column public.item.state is text default 'x' instead of text`. */
export function differenceText({ object, missing, unexpected, renamed }: ToldDifference): string {
  const [wanted, found] = [missing, unexpected].map(([fact]) =>
    excerpt(fact?.slice(object.length + 2) ?? '', 80),
  );
  if (renamed !== null)
    return `${object} is there under another name: ${excerpt(renamed.split(': ')[0] ?? '')}`;
  if (unexpected.length === 0) return `${object} is missing`;
  if (missing.length === 0) return `${object} is there, and should not be`;
  if (object.startsWith('body of ')) return `${object} was changed`;
  return found === `${wanted} INVALID`
    ? `${object} is INVALID`
    : `${object} is ${found} instead of ${wanted}`;
}

export interface ToldDrift extends ToldDifference {
  readonly revision: string | null;
  readonly verdict: 'confirmed' | 'unconfirmed' | 'pending';
  readonly pending: readonly string[];
}

/** Why a difference is not taken for drift; the empty text where it is. */
export function driftDoubt({ verdict, revision, pending }: ToldDrift): string {
  if (verdict === 'confirmed') return '';
  if (verdict === 'pending')
    return `${list(pending, 3)}, still to run, ${agree(pending.length, 'writes', 'write')} it`;
  return `nothing later shows that ${revision} ran to its end`;
}

/** The ways on from rows, and what is below them, of which no entry says that they ran. */
export function unrecordedWay(rows: readonly string[], unrecorded: readonly string[]): string {
  const [first = '', ...others] = unrecorded;
  if (others.length === 0) return eitherWay(first);
  const all = unrecorded.map((id) => `--revision ${id}`).join(' ');
  return `If all of it is there, \`revgraph stamp ${rows.join(' ')} --yes\` records that. If none of it is, \`revgraph repair ${all} --reason "…"\` runs it. Otherwise first record what is there, one after the other: \`revgraph accept ${first} --reason "…"\`.`;
}

/** The same of what a repair can't decide: what is not there is run together with the others that are missing. */
export function openWays(open: readonly string[], missing: readonly string[]): string {
  const all = [...new Set([...missing, ...open])];
  if (all.length === 1) return open.map(eitherWay).join(' ');
  const there = open.map(
    (id) => `If what ${id} does is there, \`revgraph accept ${id} --reason "…"\` records that.`,
  );
  return `${there.join(' ')} If nothing of it is, \`revgraph repair ${all.map((id) => `--revision ${id}`).join(' ')} --reason "…"\` runs it.`;
}

/** What never ran by the ledger, and may be there all the same: the two ways on. */
export const eitherWay = (revision: string): string =>
  `If what ${revision} does is there, \`revgraph accept ${revision} --reason "…"\` records that. If it is not, \`revgraph repair --revision ${revision} --reason "…"\` runs it.`;

/** What began as a backfill and is none any more: the two ways on. */
export const noBackfillWay = (revision: string): string =>
  `It has no backfill any more, and would change again what its batches have changed. Restore its file, and it goes on; or \`revgraph backfill forget ${revision} --yes\` lets it run as it is now.`;
