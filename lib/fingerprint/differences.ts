import { type Fact, subjectOf } from './fact.js';

/** How an object differs from what revisions made of it. */
export interface ObjectDifference {
  /** `index public.item_price` */
  readonly object: string;
  /** Facts of it that are not there. */
  readonly missing: readonly Fact[];
  /** Facts of it that should not be there. */
  readonly unexpected: readonly Fact[];
  /** Of a constraint or index that is missing: the same one under another name. */
  readonly renamed: Fact | null;
}

/**
 * Differences by object, sorted.
 * @param shapes what is there instead of known objects (see `otherShapes`)
 */
export function byObject(
  { missing, unexpected }: { readonly missing: readonly Fact[]; readonly unexpected: readonly Fact[] },
  shapes: ReadonlyMap<string, Fact>,
): ObjectDifference[] {
  const found = new Map<string, { missing: Fact[]; unexpected: Fact[] }>();
  const of = (object: string): { missing: Fact[]; unexpected: Fact[] } => {
    const one = found.get(object) ?? { missing: [], unexpected: [] };
    found.set(object, one);
    return one;
  };
  for (const fact of missing) of(subjectOf(fact)).missing.push(fact);
  for (const fact of unexpected) of(subjectOf(fact)).unexpected.push(fact);
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([object, facts]) => {
      const other = facts.unexpected.length === 0 ? shapes.get(object) : undefined;
      const renamed = other === undefined || subjectOf(other) === object ? null : other;
      return { object, ...facts, renamed };
    });
}

const PLAIN_INDEX = /^index (?:.*?): CREATE INDEX /;

/** Whether a difference costs nothing but speed: an index that enforces nothing is gone, invalid, extra, or another one. */
export function isPerformanceOnly({
  missing,
  unexpected,
}: Pick<ObjectDifference, 'missing' | 'unexpected'>): boolean {
  return [...missing, ...unexpected].every((fact) => PLAIN_INDEX.test(fact));
}

/** What somebody makes beforehand, without the rest of a revision: no sign that the revision ran. */
export function isEasilyMade(fact: Fact): boolean {
  return /^(?:index|constraint|extension|comment on [a-z ]+) /.test(fact);
}

export function isExtension(fact: Fact): boolean {
  return fact.startsWith('extension ');
}
