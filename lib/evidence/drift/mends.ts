import { type Mend, mends } from '../../database/mend/mend.js';
import type { AcceptedDrift } from '../../database/tables/accepted-drift.js';
import { type Catalogue, foreignTo, knownBy } from '../../fingerprint/catalogue.js';
import type { Diagnosis } from '../../fingerprint/diagnose.js';
import { byObject, type ObjectDifference } from '../../fingerprint/differences.js';
import { type Fact, type Snapshot, subjectOf, withoutName } from '../../fingerprint/fact.js';

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

/**
 * Statements that mend differences, by the catalogue.
 * @param observed all that is there: what is missing may be there under another name
 */
export function mendsOf(
  catalogue: Catalogue,
  differences: readonly ObjectDifference[],
  observed: Snapshot,
): Mend[] {
  const known = knownBy(catalogue);
  const { facts, subjects } = known;
  const foreign = foreignTo(known, observed);
  const parents = parentsIn(facts);
  return mends(differences, {
    isTable: (name) => facts.has(`table ${name}`),
    isSequence: (name) => subjects.has(`sequence ${name}`),
    parentsOf: (table) => parents.get(`parent ${table}`) ?? [],
    twinOf: (object) => twinOf(object, differences, foreign),
  });
}

/** `parent public.child` → the tables of which it has columns. */
function parentsIn(facts: ReadonlySet<Fact>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const fact of facts) {
    if (!fact.startsWith('parent ')) continue;
    const subject = subjectOf(fact);
    const parent = fact.slice(subject.length + 2).replace(/ (FOR VALUES .*|DEFAULT)$/s, '');
    found.set(subject, [...(found.get(subject) ?? []), parent]);
  }
  return found;
}

/** `column public.t.c: text` without the name of the column, `table public.t` without that of the table. */
const nameless = (fact: Fact): string => {
  const subject = subjectOf(fact);
  return `${withoutName(subject)}${fact.slice(subject.length)}`;
};

/**
 * What no revision knows and is all that a column, or a table, is missing: another name was given to it, maybe, and what is made
 * anew would be empty.
 */
function twinOf(
  object: string,
  differences: readonly ObjectDifference[],
  foreign: readonly Fact[],
): string | null {
  const [mine] = differences.find((one) => one.object === object)?.missing ?? [];
  if (mine === undefined) return null;
  if (object.startsWith('column ')) {
    const twin = foreign.find((fact) => fact.startsWith('column ') && nameless(fact) === nameless(mine));
    return twin === undefined ? null : subjectOf(twin);
  }
  if (!object.startsWith('table ')) return null;
  const columnsOf = (table: string, facts: readonly Fact[]): string[] =>
    facts.flatMap((fact) =>
      fact.startsWith(`column ${table}.`) ? [fact.slice(`column ${table}.`.length)] : [],
    );
  const wanted = columnsOf(
    object.slice('table '.length),
    differences.flatMap(({ missing }) => missing),
  );
  const isTwin = (table: string): boolean => {
    const has = new Set(columnsOf(table, foreign));
    return wanted.length > 0 && wanted.every((column) => has.has(column));
  };
  const twin = foreign.find(
    (fact) =>
      fact.startsWith('table ') && nameless(fact) === nameless(mine) && isTwin(fact.slice('table '.length)),
  );
  return twin ?? null;
}
