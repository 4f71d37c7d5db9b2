import type { Catalogue } from '../catalogue.js';
import { isEasilyMade } from '../differences.js';
import type { Fact, Snapshot } from '../fact.js';

/**
 * The facts that show of a revision that it ran: they are there, no other revision makes them, and nobody makes such a thing
 * beforehand.
 */
export function marksOf(catalogue: Catalogue, observed: Snapshot): (revision: string) => readonly Fact[] {
  const makers = new Map<Fact, number>();
  for (const { adds } of catalogue.values())
    for (const fact of adds) makers.set(fact, (makers.get(fact) ?? 0) + 1);
  return (revision) =>
    (catalogue.get(revision)?.adds ?? []).filter(
      (fact) => observed.has(fact) && !isEasilyMade(fact) && makers.get(fact) === 1,
    );
}
