import type { Revision, RevisionBody } from './revision.js';
import { readSqlBody } from './sql-body.js';

/**
 * The body of a revision file. Code is imported, and with that run.
 *
 * @param text all of it, normalised
 * @param path where it is
 * @param revision what its header said
 * @throws RevgraphError `graph_invalid`, `statement_unparsable`, `statement_refused`, `code_unloadable`
 */
export async function readBody(text: string, path: string, revision: Revision): Promise<RevisionBody> {
  const file = revision.file ?? path;
  if (revision.header.kind === 'sql') return readSqlBody(text, file);
  const { readCodeBody } = await import('./code.js');
  return readCodeBody({ path, file, text, found: revision });
}
