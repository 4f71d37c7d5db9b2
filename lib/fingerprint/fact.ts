import { flatten } from './flatten.js';

/**
 * One line about one schema object: `KIND NAME` or `KIND NAME: DEFINITION`. A change of an object is one fact that goes and
 * one that comes. No positions: they depend on the path through a diamond, and on dump and restore.
 *
 * ```
 * table public.users
 * column public.users.email: text not null
 * constraint public.users.users_pkey: PRIMARY KEY (id)
 * ```
 */
export type Fact = string;

/** All facts of a database: what there is, without order. */
export type Snapshot = ReadonlySet<Fact>;

/** What the catalog queries give: kind, name and definition of an object. */
export interface FactRow {
  readonly kind: string;
  readonly name: string;
  readonly definition: string | null;
}

/** A fact from its parts, with the forms that mean the same brought to one. */
export function toFact({ kind, name, definition }: FactRow): Fact {
  if (definition === null) return `${kind} ${name}`;
  return `${kind} ${name}: ${normalise(definition)}`;
}

/** The facts that rows of the catalog make. */
export function toSnapshot(rows: readonly FactRow[]): Snapshot {
  return new Set(rows.map(toFact));
}

/** The object that a fact is about: what comes before the definition. */
export function subjectOf(fact: Fact): string {
  const end = fact.indexOf(': ');
  if (end === -1) return fact;
  const quote = fact.indexOf('"');
  return quote === -1 || quote > end ? fact.slice(0, end) : (QUOTED_SUBJECT.exec(fact)?.[0] ?? fact);
}

/** A quoted name may hold what ends a subject. */
const QUOTED_SUBJECT = /^(?:[^":]|"[^"]*"|:(?! ))*/;

/** What an object is in: `column public.t.c` → `column public.t`. */
export function withoutName(subject: string): string {
  return subject.replace(LAST_NAME, '');
}

const LAST_NAME = /\.(?:"(?:[^"]|"")*"|[^."]+)$/;

/** Comments get lost (`pg_dump --no-comments`) and are written by hand: they are facts, and hardly evidence. */
export function isComment(fact: Fact): boolean {
  return fact.startsWith('comment on ');
}

/** A hash of the body of a function: a fact of its own, so that the function is the same function still. */
export function isBody(fact: Fact): boolean {
  return fact.startsWith('body of ');
}

const VARCHAR = "'(?:[^']|'')*'::character varying";
const UNDUMPED_IN = new RegExp(`\\(ARRAY\\[((?:${VARCHAR}(?:, )?)+)\\]\\)::text\\[\\]`, 'g');
const LITERAL = new RegExp(VARCHAR, 'g');

/**
 * `x IN ('a', 'b')` on a varchar prints as `(ARRAY['a'::varchar, …])::text[]` where it was written, and as
 * `ARRAY[('a'::varchar)::text, …]` after one dump and restore, in checks and in predicates of partial indexes. The second
 * form is stable. White space differs between versions in long expressions; that of constants and names is theirs.
 */
function normalise(definition: string): string {
  const spaced = ODD_SPACE.test(definition)
    ? definition.replace(SPACE_OR_QUOTED, (_, quoted?: string) => quoted ?? ' ')
    : definition;
  if (!spaced.includes(')::text[]')) return flatten(spaced);
  return flatten(spaced).replace(
    UNDUMPED_IN,
    (_, literals: string) => `ARRAY[${literals.replace(LITERAL, '($&)::text')}]`,
  );
}

const ODD_SPACE = /[^\S ]| {2}/;
const SPACE_OR_QUOTED = /('(?:[^']|'')*'|"(?:[^"]|"")*")|\s+/g;

/** What is in one and not in the other, sorted. */
export interface Difference {
  /** Facts of `expected` that are not there. */
  readonly missing: readonly Fact[];
  /** Facts that `expected` does not have. */
  readonly unexpected: readonly Fact[];
}

export function difference(expected: Snapshot, observed: Snapshot): Difference {
  return {
    missing: [...expected].filter((fact) => !observed.has(fact)).sort(),
    unexpected: [...observed].filter((fact) => !expected.has(fact)).sort(),
  };
}
