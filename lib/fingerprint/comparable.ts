import { type Catalogue, knownBy } from './catalogue.js';
import { isBody, type Snapshot } from './fact.js';
import { withoutKnownPartitions } from './partitions.js';

/**
 * The facts that can be held against a catalogue: one of an earlier version knows no bodies, and none knows the partitions that
 * there are.
 */
export function comparable(catalogue: Catalogue, observed: Snapshot): Snapshot {
  const known = knownBy(catalogue).facts;
  const facts = withoutKnownPartitions(known, observed);
  for (const fact of known) if (isBody(fact)) return facts;
  return new Set([...facts].filter((fact) => !isBody(fact)));
}
