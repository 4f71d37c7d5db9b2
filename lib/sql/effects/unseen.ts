import type { RelationName } from '../touch.js';

/**
 * What a statement leaves behind, or looks at, that the shape of the schema does not show, or does not show all of: rows of a
 * table, the query of a view, the numbers of a sequence, a body. `properties` are owners, storage and options; `form` is what
 * decides how rows come to be, which facts show, but not when it came; `order` is that of the columns of a table, which is nobody's
 * affair but of those that count them; `events` are definitions, for event triggers; `catalog` is what there is under a name, and asked for;
 * `definition` is the same for whoever makes it, or builds upon it; `values` are those of an enum.
 */
export interface UnseenEffect extends RelationName {
  readonly on:
    | 'rows'
    | 'form'
    | 'order'
    | 'view'
    | 'sequence'
    | 'function'
    | 'rule'
    | 'policy'
    | 'rights'
    | 'properties'
    | 'publication'
    | 'events'
    | 'catalog'
    | 'definition'
    | 'comment'
    | 'values';
  /** Rows that are only added: two that only add end in the same rows, in whatever order, unless the table numbers them. */
  readonly adds?: boolean;
  /** Of a form: the kinds of statements over rows that it is about; null or absent = all. */
  readonly verbs?: readonly string[] | null;
}

/** What shares its names, and is read alike. */
export const RELATIONS: ReadonlySet<UnseenEffect['on']> = new Set(['rows', 'view', 'sequence']);

/** What running a piece of SQL or code depends on, and what it leaves behind. */
export interface Effects {
  readonly writes: readonly UnseenEffect[];
  readonly reads: readonly UnseenEffect[];
}

export function joined(all: readonly Effects[]): Effects {
  return { writes: all.flatMap(({ writes }) => writes), reads: all.flatMap(({ reads }) => reads) };
}

/**
 * The first thing that one writes and the other reads or writes: in another order they end otherwise.
 * @param isNumbered whether a table may number its rows
 */
export function clash(
  one: Effects,
  other: Effects,
  isNumbered: (table: RelationName) => boolean,
): UnseenEffect | null {
  const meets = (some: readonly UnseenEffect[], more: readonly UnseenEffect[]): UnseenEffect | undefined =>
    some.find((effect) =>
      more.some(
        (found) =>
          effect.on !== 'order' &&
          haveVerbInCommon(effect, found) &&
          isSame(effect, found) &&
          !(effect.adds === true && found.adds === true && !isNumbered(effect)),
      ),
    );
  return (
    // Of two that change how rows come to be, or what there is, facts show what is left.
    meets(
      one.writes.filter((effect) => effect.on !== 'form' && effect.on !== 'catalog'),
      other.writes,
    ) ??
    meets(one.writes, other.reads) ??
    meets(other.writes, one.reads) ??
    null
  );
}

/** A name without a schema is found by the search path, so it may be in any. */
export function isSame(one: UnseenEffect, other: UnseenEffect): boolean {
  const schemas = one.schema === other.schema || one.schema === null || other.schema === null;
  const names = one.name === other.name || one.name === ANY || other.name === ANY;
  return isAlike(one.on, other.on) && names && schemas;
}

/** A view that is replaced loses its options. */
const isAlike = (one: UnseenEffect['on'], other: UnseenEffect['on']): boolean =>
  one === other ||
  (RELATIONS.has(one) && RELATIONS.has(other)) ||
  (one === 'view' && other === 'properties') ||
  (one === 'properties' && other === 'view');

const haveVerbInCommon = ({ verbs: some }: UnseenEffect, { verbs: others }: UnseenEffect): boolean =>
  some == null || others == null || some.some((verb) => others.includes(verb));

/** For a table that nobody names: any. */
export const ANY = '*';
export const ANYTHING: RelationName = { schema: null, name: ANY };

/** For rights: what is made later of a kind, which has those of whoever made it. */
export const MADE = '+';
export const made = (kind: string): RelationName => ({ schema: null, name: `${MADE}${kind}` });

/** An effect on what is named, if anything is. */
export const on = (kind: UnseenEffect['on'], name: RelationName | null): UnseenEffect[] =>
  name === null ? [] : [{ on: kind, ...name }];

/** The same as effects that only add. */
export const adding = (effects: readonly UnseenEffect[]): UnseenEffect[] =>
  effects.map((effect) => ({ ...effect, adds: true }));
