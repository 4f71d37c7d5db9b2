import { type Mend, mends } from '../../database/mend/mend.js';
import type { AcceptedDrift } from '../../database/tables/accepted-drift.js';
import { type Catalogue, knownBy } from '../../fingerprint/catalogue.js';
import type { Diagnosis } from '../../fingerprint/diagnose.js';
import { byObject, type ObjectDifference } from '../../fingerprint/differences.js';
import { type Fact, subjectOf } from '../../fingerprint/fact.js';

/** The objects that differ from a claim whose revisions ran: drift, work that was taken away, and what was accepted. */
export function driftOf(
  { drift, undone, changed, shapes }: Diagnosis,
  accepted: readonly AcceptedDrift[],
): ObjectDifference[] {
  const told = [...drift, ...undone, ...changed, ...accepted];
  const missing = new Set(told.flatMap((one) => one.missing));
  // What is there under another name is a part of what is missing.
  const objects = new Set([...missing].map(subjectOf));
  const others = new Set<Fact>();
  for (const [object, fact] of shapes)
    if (object !== subjectOf(fact) && objects.has(object)) others.add(fact);
  const unexpected = new Set(told.flatMap((one) => one.unexpected).filter((fact) => !others.has(fact)));
  return byObject({ missing: [...missing], unexpected: [...unexpected] }, shapes);
}

/** Statements that mend differences, by the catalogue. */
export function mendsOf(catalogue: Catalogue, differences: readonly ObjectDifference[]): Mend[] {
  const { facts } = knownBy(catalogue);
  return mends(differences, (name) => facts.has(`table ${name}`));
}
