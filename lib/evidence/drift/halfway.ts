import { type Catalogue, HOME, knownBy } from '../../fingerprint/catalogue.js';
import type { ObjectDifference } from '../../fingerprint/differences.js';
import { type Fact, isComment, type Snapshot, subjectOf } from '../../fingerprint/fact.js';
import { isMadeBy, partsOf } from '../../fingerprint/remade.js';
import { otherShapes } from '../../fingerprint/shapes.js';
import type { Project } from '../../project/project.js';
import type { Revision } from '../../revision/revision.js';
import { madeBySql } from '../../sql/made.js';
import { splitStatements } from '../../sql/statements.js';

/**
 * The topmost revisions that stopped in between, as something shows that no catalogue has: one of their statements makes it, and a
 * later one takes it away again. All else that shows may be there by then. Bodies are read only where the name of such an object
 * stands in the file.
 *
 * @param foreign facts that no revision makes
 */
export async function stoppedBetween(
  { revisions }: Pick<Project, 'revisions'>,
  catalogue: Catalogue,
  foreign: readonly Fact[],
  topmost: readonly string[],
): Promise<string[]> {
  const objects = foreign.filter((fact) => !isComment(fact));
  if (objects.length === 0) return [];
  const stopped: string[] = [];
  for (const id of topmost) {
    const revision = revisions.get(id);
    if (revision === undefined || !catalogue.has(id)) continue;
    const named = objects.filter((fact) => mayMake(revision, fact));
    if (named.length > 0 && (await makesOneOf(revision, named))) stopped.push(id);
  }
  return stopped;
}

/** Whether the text of a revision may have the names of one of these objects. */
export function mayName(revision: Revision | undefined, objects: ReadonlySet<string>): boolean {
  return [...objects].some((object) => {
    const { names } = partsOf(object);
    return names.slice(1).every((name) => revision?.mentions?.(name) !== false);
  });
}

/** Overloaded functions are not told apart here, and what a name without a schema means is in the schema of the revisions. */
function mayMake(revision: Revision, fact: Fact): boolean {
  const { kind, names } = partsOf(fact);
  const isOther = names.length > 1 && names[0] !== HOME && revision.mentions?.(names[0] as string) === false;
  if (/^(function|procedure|aggregate|body of )/.test(kind) || isOther) return false;
  return names.length > 0 && revision.mentions?.(names[1] ?? (names[0] as string)) !== false;
}

async function makesOneOf(revision: Revision, facts: readonly Fact[]): Promise<boolean> {
  const body = await revision.body();
  if (body.kind === 'code' || body.upgrade === null) return false;
  for (const { sql } of await splitStatements(body.upgrade.sql, { file: '', line: 1 })) {
    if (TEMPORARY.test(sql)) continue;
    const made = (await madeBySql(sql)).map((one) => ({ ...one, schema: one.schema ?? HOME }));
    if (made.some((one) => facts.some((fact) => isMadeBy(fact, one)))) return true;
  }
  return false;
}

const TEMPORARY = /^[^(;]*\bTEMP(?:ORARY)?\b/i;

/**
 * The topmost revisions that remove something which is there under another name: a constraint, an index, a trigger or a policy. It is
 * no sign that they ran, and what else they do may be missing.
 */
export function removingRenamed(
  catalogue: Catalogue,
  observed: Snapshot,
  topmost: readonly string[],
): string[] {
  const shapes = otherShapes(knownBy(catalogue), observed);
  return topmost.filter((id) => {
    const { adds = [], removes = [] } = catalogue.get(id) ?? {};
    const added = new Set(adds.map(subjectOf));
    return removes.some((fact) => {
      const subject = subjectOf(fact);
      const found = shapes.get(subject);
      return found !== undefined && subjectOf(found) !== subject && !added.has(subject);
    });
  });
}

/** Whether what an object was before hung on something that somebody dropped: `DROP SEQUENCE … CASCADE` takes defaults along. */
export function wentAlong(before: Fact | undefined, differences: readonly ObjectDifference[]): boolean {
  const definition = before?.slice(subjectOf(before).length) ?? '';
  return differences.some(({ object, missing, unexpected }) => {
    const name = partsOf(object).names.at(-1);
    return missing.length > 0 && unexpected.length === 0 && name !== undefined && definition.includes(name);
  });
}
