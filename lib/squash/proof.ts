import { type Contents, readByColumn, readDefinitions } from '../database/catalog/definitions.js';
import { readFactRows } from '../database/catalog/introspect.js';
import type { Session } from '../database/connection/session.js';
import { withReadOnly } from '../database/connection/transaction.js';
import type { ThrowAways } from '../database/throwaway/template.js';
import { RevgraphError } from '../errors/error.js';
import { runOnEmpty } from '../evidence/building/on-empty.js';
import { difference, type Snapshot, toSnapshot } from '../fingerprint/fact.js';
import type { Project } from '../project/project.js';

/** What two lines were found to agree on, each run on an empty database up to its heads. */
export interface SquashProof {
  /** Facts and definitions of the schema: all of them are equal. */
  readonly facts: number;
  readonly definitions: number;
  /** Tables, with as many rows each in both. */
  readonly tables: number;
  readonly rows: number;
  /** Columns whose values differ from run to run of the old line too: of the clock, random ones. All others are equal. */
  readonly differs: readonly string[];
}

interface End {
  readonly facts: Snapshot;
  readonly definitions: Snapshot;
  readonly contents: Contents;
}

interface Proving {
  /** As it was typed, for messages. */
  readonly range: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs the old line twice and the new one, each on a database of its own, and compares what they end in. What differs between the
 * two runs of the old line differs by itself; all else must be equal.
 * @throws `squash_differs`; `squash_refused` for a line that does not run
 */
export async function prove(
  place: ThrowAways,
  before: Project,
  after: Project,
  { range, signal }: Proving,
): Promise<SquashProof> {
  const run = (project: Project, what: string): Promise<End> =>
    runOnEmpty(place, project, {
      read: readEnd,
      refused: (why) =>
        new RevgraphError(
          'squash_refused',
          { range, reason: `${what} does not run on an empty database: ${why.message}` },
          { cause: why },
        ),
      signal,
    });
  const was = await run(before, 'the line as it is');
  const again = await run(before, 'the line as it is');
  const is = await run(after, 'the line with the squash');
  const facts = difference(was.facts, is.facts);
  const definitions = difference(was.definitions, is.definitions);
  const tables = namesOf(was.contents.rows, is.contents.rows);
  const words = namesOf(was.contents.words, is.contents.words);
  const counts = tables.filter((name) => was.contents.rows.get(name) !== is.contents.rows.get(name));
  const differs = words.filter((name) => was.contents.words.get(name) !== again.contents.words.get(name));
  const values = words.filter(
    (name) => !differs.includes(name) && was.contents.words.get(name) !== is.contents.words.get(name),
  );
  const missing = [...facts.missing, ...definitions.missing];
  const unexpected = [...facts.unexpected, ...definitions.unexpected];
  if (missing.length + unexpected.length + counts.length + values.length > 0)
    throw new RevgraphError('squash_differs', {
      missing,
      unexpected,
      rows: counts.map((table) => ({
        table,
        before: was.contents.rows.get(table) ?? null,
        after: is.contents.rows.get(table) ?? null,
      })),
      values,
    });
  return {
    facts: is.facts.size,
    definitions: is.definitions.size,
    tables: tables.length,
    rows: [...is.contents.rows.values()].reduce((sum, n) => sum + n, 0),
    differs,
  };
}

const namesOf = (...maps: readonly ReadonlyMap<string, unknown>[]): string[] =>
  [...new Set(maps.flatMap((map) => [...map.keys()]))].sort();

async function readEnd(session: Session): Promise<End> {
  const facts = toSnapshot(await readFactRows(session));
  const contents = await readByColumn(session);
  const definitions = await withReadOnly(session, () => readDefinitions(session));
  return { facts, definitions, contents };
}
