import { compareRows, type Relation, readRelations, rememberRows } from '../database/catalog/changed-rows.js';
import { readFactRowsInside } from '../database/catalog/introspect.js';
import { isConnectionLost, readDriverError } from '../database/connection/failure.js';
import { withTrial } from '../database/connection/transaction.js';
import { isRevgraphError, RevgraphError } from '../errors/error.js';
import { Tracker } from '../run/place.js';
import type { PreparedStep } from '../run/prepare.js';
import type { Run } from '../run/run.js';
import { applySettings } from '../run/settings.js';
import { perform } from '../run/work.js';

type FactRow = Awaited<ReturnType<typeof readFactRowsInside>>[number];

/** Why a second run failed. */
export interface TrialFailure {
  readonly message: string;
  readonly sqlstate: string | null;
  readonly file: string | null;
  readonly line: number | null;
}

/** What a second run did before it was rolled back. */
export interface SecondPass {
  readonly changed: readonly {
    readonly table: string;
    readonly inserted: number;
    readonly updated: number;
    readonly deleted: number;
  }[];
  /** What the catalog said before and after. */
  readonly facts: { readonly before: readonly FactRow[]; readonly after: readonly FactRow[] };
  readonly error: TrialFailure | null;
}

export type Trying = Pick<Run, 'session' | 'server' | 'options' | 'lockKey' | 'emit' | 'table'>;

/**
 * Does once more what a step does, in a transaction that is rolled back. A first look counts which tables it wrote to; if it
 * wrote to any, it is undone and done again between two looks at the content of exactly these.
 * @throws `trial_refused`
 */
export async function secondPass(run: Trying, prepared: PreparedStep): Promise<SecondPass> {
  const { work, mode, revision } = prepared;
  if (work.kind !== 'none' && mode === 'none')
    throw new RevgraphError('trial_refused', {
      revision: revision.revision,
      reason: 'it runs outside a transaction, so its changes could not be rolled back',
      hint: 'Test it on a copy of the database.',
    });
  const { session, table } = run;
  return withTrial(session, async (undo) => {
    await applySettings(run);
    const facts = { before: await readFactRowsInside(session, table.name), after: [] as FactRow[] };
    const before = await readRelations(session);
    const first = await attempt(run, prepared);
    if (first.error !== null) return { changed: [], facts: { before: [], after: [] }, error: first.error };
    facts.after = await readFactRowsInside(session, table.name);
    const touched = touchedBy(before, first.relations);
    if (touched.length === 0) return { changed: [], facts, error: null };
    await undo();
    await applySettings(run);
    await rememberRows(
      session,
      touched.flatMap((name) => before.get(name) ?? []),
    );
    const second = await attempt({ ...run, emit: () => {} }, prepared);
    const changed = [];
    if (second.error === null)
      for (const name of touched) {
        const counts = await compareRows(session, name, second.relations.get(name));
        const change = changeOf(counts, before.get(name), first.relations.get(name));
        if (change.inserted + change.updated + change.deleted > 0) changed.push({ table: name, ...change });
      }
    return { changed, facts, error: second.error };
  });
}

type Attempt =
  | { readonly error: null; readonly relations: ReadonlyMap<string, Relation> }
  | { readonly error: TrialFailure };

async function attempt(run: Trying, prepared: PreparedStep): Promise<Attempt> {
  const tracker = new Tracker();
  try {
    await perform(run, prepared, tracker, true);
    return { error: null, relations: await readRelations(run.session) };
  } catch (thrown) {
    if (isConnectionLost(thrown) || isRevgraphError(thrown, 'trial_refused')) throw thrown;
    const cause = tracker.causeOf(thrown);
    const { message, sqlstate } = readDriverError(cause);
    const place = tracker.place(cause);
    return { error: { message, sqlstate, file: place?.file ?? null, line: place?.line ?? null } };
  }
}

/** Names of the tables that were written to, made, dropped, emptied or rewritten. */
function touchedBy(before: ReadonlyMap<string, Relation>, after: ReadonlyMap<string, Relation>): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((name) => {
    const [was, is] = [before.get(name), after.get(name)];
    return is?.writes === null || was?.storage !== is?.storage || was?.writes !== is?.writes;
  });
}

/** A row that went and one that came are an update where rows were updated, or all rows were written anew. */
function changeOf(
  { came, went }: { came: number; went: number },
  was: Relation | undefined,
  is: Relation | undefined,
): { inserted: number; updated: number; deleted: number } {
  const rewritten = was?.storage !== is?.storage || is?.writes === null;
  const updates = rewritten ? came : (is?.updates ?? 0) - (was?.updates ?? 0);
  const updated = Math.min(came, went, updates);
  return { inserted: came - updated, updated, deleted: went - updated };
}

/** Rows of a table whose content a second run changed. */
export interface ChangedTable {
  readonly table: string;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}
