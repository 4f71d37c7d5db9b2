import { upgradeDatabase } from '../apply/upgrade.js';
import { readContents } from '../database/catalog/contents.js';
import { readDefinitions } from '../database/catalog/definitions.js';
import { readFactRows } from '../database/catalog/introspect.js';
import { withSession } from '../database/connection/connect.js';
import { ended } from '../database/connection/ended.js';
import { withReadOnly } from '../database/connection/transaction.js';
import type { ThrowAways } from '../database/throwaway/template.js';
import { RevgraphError } from '../errors/error.js';
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
  /** Tables whose rows read otherwise (values of the clock, random ones), and sequences that stand elsewhere. */
  readonly differs: readonly string[];
}

interface End {
  readonly facts: Snapshot;
  readonly definitions: Snapshot;
  readonly contents: ReadonlyMap<string, string>;
}

/**
 * Runs the old line and the new one, each on a database of its own, and compares what they end in.
 * @throws `squash_differs`; what a run throws
 */
export async function prove(
  place: ThrowAways,
  before: Project,
  after: Project,
  signal?: AbortSignal,
): Promise<SquashProof> {
  const was = await endOf(place, before, signal);
  const is = await endOf(place, after, signal);
  const facts = difference(was.facts, is.facts);
  const definitions = difference(was.definitions, is.definitions);
  const tables = [...new Set([...was.contents.keys(), ...is.contents.keys()])].sort();
  const counts = tables.filter((name) => rowsOf(was, name) !== rowsOf(is, name));
  const missing = [...facts.missing, ...definitions.missing];
  const unexpected = [...facts.unexpected, ...definitions.unexpected];
  if (missing.length + unexpected.length + counts.length > 0)
    throw new RevgraphError('squash_differs', {
      missing,
      unexpected,
      rows: counts.map((table) => ({ table, before: rowsOf(was, table), after: rowsOf(is, table) })),
    });
  const counted = tables.flatMap((name) => rowsOf(is, name) ?? []);
  return {
    facts: is.facts.size,
    definitions: is.definitions.size,
    tables: counted.length,
    rows: counted.reduce((sum, n) => sum + n, 0),
    differs: tables.filter((name) => was.contents.get(name) !== is.contents.get(name)),
  };
}

/** Null for what is no table, or not there. */
function rowsOf({ contents }: End, name: string): number | null {
  const found = /^(\d+) rows /.exec(contents.get(name) ?? '')?.[1];
  return found === undefined ? null : Number(found);
}

/** Our own, whatever they are called in a schema. */
const BOOKKEEPING = /\."?revgraph_/;

async function endOf(place: ThrowAways, project: Project, signal: AbortSignal | undefined): Promise<End> {
  const database = await place.fresh();
  return ended(
    async () => {
      await upgradeDatabase({
        revisions: project,
        database: database.database,
        target: 'heads',
        background: 'inline',
        signal,
      });
      return withSession(database.database, {}, async (session) => {
        const facts = toSnapshot(await readFactRows(session));
        const contents = [...(await readContents(session))].filter(([name]) => !BOOKKEEPING.test(name));
        const definitions = await withReadOnly(session, () => readDefinitions(session));
        return { facts, definitions, contents: new Map(contents) };
      });
    },
    () => database.drop(),
  );
}
