import type { ReadOnlySession } from '../connection/read-only.js';

/** A default that is there, and the type that its column is to have. */
export interface DefaultCast {
  readonly expression: string;
  /** As SQL, without modifiers. */
  readonly type: string;
}

/**
 * Which of the defaults can't be cast by themselves when their columns change type: PostgreSQL takes assignment casts
 * only (and to text anything), whatever USING says. What can't be told for sure is not among them. Two round trips.
 * @returns places in the list
 */
export async function uncastable(
  reader: ReadOnlySession,
  casts: readonly DefaultCast[],
): Promise<ReadonlySet<number>> {
  if (casts.length === 0) return new Set();
  // Described, not computed: a default may take a number of a sequence.
  const all = casts.map(({ expression }) => `(${expression})`).join(', ');
  const sources = await reader.types(`SELECT ${all} WHERE false`);
  if (sources === null || sources.length !== casts.length) return new Set();
  const rows = await reader.ask(UNCASTABLE, [sources, casts.map(({ type }) => type)]);
  return new Set((rows ?? []).map(({ at }) => Number(at) - 1));
}

/** Plain types and enums only: arrays, domains and composites have ways of their own. */
const UNCASTABLE = `
  SELECT w.at::int AS at
  FROM unnest($1::oid[], $2::text[]) WITH ORDINALITY AS w(source, target, at)
  JOIN pg_type s ON s.oid = w.source JOIN pg_type t ON t.oid = to_regtype(w.target)
  WHERE s.oid <> t.oid AND s.typtype IN ('b', 'e') AND t.typtype IN ('b', 'e') AND s.typcategory NOT IN ('A', 'X') AND t.typcategory NOT IN ('A', 'S')
    AND NOT EXISTS (SELECT FROM pg_cast k WHERE k.castsource = s.oid AND k.casttarget = t.oid AND k.castcontext IN ('a', 'i'))`;
