import type { Opened } from '../access/open.js';
import type { Graph } from '../graph/graph.js';
import { lookupId } from '../graph/lookup.js';

/**
 * The revision that somebody typed, by the rules of targets. Its file may be gone while its backfill is still there.
 * @param known revisions that have a backfill in the database
 * @throws `unknown_revision`, `ambiguous_prefix`
 */
export function named(graph: Graph, typed: string, known: readonly string[]): string {
  return lookupId(graph, typed, known) ?? typed;
}

/** A backfill that waits by the ledger, and of which nothing is kept: what can be done. */
export function lostText({ project, rows }: Pick<Opened, 'project' | 'rows'>, revision: string): string {
  const back = project.revisions.has(revision)
    ? `if it can be taken back, run \`revgraph undo ${revision}\` and upgrade again`
    : 'if it can be taken back, do that with the code that has it, and upgrade again';
  return `the ledger says that it waits, and what was kept of it is gone: how far it came is not known. Restore that, or, ${back}; if all of its rows are done, \`revgraph stamp ${rows.join(' ')} --yes\` records that`;
}

/** Why the work on a revision is left whose ground older code took away. */
export const missedText = (revision: string): string =>
  `what it stands on was taken back since, and its rows may not be as it left them; see \`revgraph explain ${revision}\``;
