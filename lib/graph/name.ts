import { distance } from 'fastest-levenshtein';

/** What a revision id looks like: 1 to 64 letters, digits, underscores and dots. */
export const ID_PATTERN = /^[A-Za-z0-9_.]{1,64}$/;

/** A label may also hold hyphens and letters of any script, but nothing that the grammar of targets needs. */
export const LABEL_PATTERN = /^[^\s@+:,?"'`]{1,64}$/u;

/** Words that targets use; no id may be one, and a revision file may not use one as label either. */
export const RESERVED: ReadonlySet<string> = new Set(['head', 'heads', 'base', 'current']);

/** What is wrong with an id, as a problem code, or null. `__proto__`, `constructor` and `10` are ordinary ids. */
export function idProblem(id: string): 'illegal_revision_id' | 'reserved_id' | null {
  if (!ID_PATTERN.test(id)) return 'illegal_revision_id';
  return RESERVED.has(id) ? 'reserved_id' : null;
}

/** At most this many letters may differ in a suggestion, and never half of the word or more. */
const FARTHEST = 3;

/**
 * “Did you mean”: up to three of `known` nearest to `name` by Levenshtein distance, nearest first.
 * A name that is a piece of a known one counts as near.
 */
export function nearest(name: string, known: Iterable<string>): string[] {
  // Two letters swapped are a distance of two, and the most common mistake of all.
  const bound = name.length < 4 ? 1 : Math.min(FARTHEST, Math.max(2, Math.floor(name.length / 3)));
  const near: { name: string; cost: number }[] = [];
  for (const candidate of known) {
    if (candidate === name) continue;
    const cost = distance(name.toLowerCase(), candidate.toLowerCase());
    if (cost <= bound) near.push({ name: candidate, cost });
    else if (name.length >= 4 && candidate.includes(name)) near.push({ name: candidate, cost: bound + 1 });
  }
  near.sort((a, b) => a.cost - b.cost || (a.name < b.name ? -1 : 1));
  return near.slice(0, 3).map((n) => n.name);
}
