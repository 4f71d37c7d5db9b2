import type { Problem } from '../errors/error.js';
import type { Graph } from '../graph/graph.js';
import type { Check, Revision } from '../revision/revision.js';
/** What is wrong with `@requires backfill`: what is waited for has to come before. */
export function requirementProblems(graph: Graph, { revision, header, file }: Revision): Problem[] {
  const asked = header.requires.filter((one) => one.kind === 'backfill');
  if (asked.length === 0) return [];
  const below = new Set(graph.ancestors(revision));
  return asked.flatMap(({ revision: id, line }): Problem[] => {
    const today = graph.today(id);
    if (today !== undefined && below.has(today)) return [];
    const message =
      today !== undefined
        ? `@requires backfill ${id}, which does not precede ${revision}`
        : `@requires backfill ${id}, which is not a revision`;
    const hint = 'Name a revision that this one follows through @revises or @depends-on';
    return [{ code: 'bad_header', file: file ?? revision, line, message, hint }];
  });
}

/** What is wrong with the `until` of checks: what ends a check comes after its revision. */
export function untilProblems(graph: Graph, revision: Revision, checks: readonly Check[]): Problem[] {
  const ends = checks.filter(({ until }) => until !== null);
  if (ends.length === 0) return [];
  const later = new Set(graph.descendants(revision.revision));
  const file = revision.file ?? revision.revision;
  return ends.flatMap(({ title, until, line }): Problem[] => {
    if (until === null) return [];
    const today = graph.today(until);
    if (today !== undefined && later.has(today)) return [];
    const message =
      today !== undefined
        ? `@verify ${JSON.stringify(title)} has until ${until}, which does not follow ${revision.revision}`
        : `@verify ${JSON.stringify(title)} has until ${until}, which is not a revision`;
    const hint = 'Name the later revision that makes the check obsolete, or omit until';
    // The tag of a section stands above its SQL.
    return [
      { code: 'bad_header', file, line: revision.header.kind === 'sql' ? line - 1 : line, message, hint },
    ];
  });
}
