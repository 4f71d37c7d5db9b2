import { type Locked, withLock } from '../access/open.js';
import type { RunOptions } from '../config/options.js';
import { installedExtensions } from '../database/catalog/capabilities.js';
import { isRevgraphError, RevgraphError } from '../errors/error.js';
import { difference, toSnapshot } from '../fingerprint/fact.js';
import type { Graph } from '../graph/graph.js';
import { BASE, lookupOne } from '../graph/lookup.js';
import { planOfOne } from '../plan/plan.js';
import { namingOf } from '../project/targets.js';
import { type PreparedStep, prepare } from '../run/prepare.js';
import type { ChangedTable, TrialFailure } from './second-pass.js';
import { type SecondPass, secondPass } from './second-pass.js';

/** See `verifyIdempotent`. */
export async function tryIdempotence(options: IdempotenceOptions): Promise<IdempotenceResult> {
  return withLock(options, async (locked) => {
    const { project, rows, session, server } = locked;
    if (server.versionNumber === null)
      throw new RevgraphError('usage', { message: 'A second run can be tested on PostgreSQL only.' });
    const naming = await namingOf(options.releases);
    const id = appliedOne(project.graph, rows, naming.one(project.graph, options.revision));
    const prepared = await prepareAgain(locked, id);
    await session.provideExtensions?.([...(await installedExtensions(session)), ...prepared.extensions]);
    const { changed, facts, error } = await secondPass({ ...locked, options }, prepared).catch(
      (refused: unknown) => batchesAgain(refused, locked, options, prepared),
    );
    const { missing: removed, unexpected: added } = difference(
      toSnapshot(facts.before),
      toSnapshot(facts.after),
    );
    return {
      revision: id,
      idempotent: error === null && changed.length + added.length + removed.length === 0,
      declared: prepared.revision.header.idempotent,
      changed,
      facts: { added, removed },
      error,
    };
  });
}

/** Batches are tried one by one, each rolled back: a second pass over all rows changes none. */
async function batchesAgain(
  refused: unknown,
  locked: Locked,
  options: IdempotenceOptions,
  prepared: PreparedStep,
): Promise<SecondPass> {
  if (!isRevgraphError(refused, 'trial_refused') || !prepared.batched || prepared.mode === 'none')
    throw refused;
  const { tryBatches } = await import('./preview-batches.js');
  const tried = await tryBatches(locked, options, prepared, { mode: 'run', samples: 0 });
  const changed = tried.flatMap(({ name, table, changed: updated, created, failed }) => [
    ...(updated + failed === 0
      ? []
      : [{ table: table ?? name, inserted: 0, updated: updated + failed, deleted: 0 }]),
    ...Object.entries(created).map(([made, inserted]) => ({ table: made, inserted, updated: 0, deleted: 0 })),
  ]);
  return { changed, facts: { before: [], after: [] }, error: null };
}

function appliedOne(graph: Graph, rows: readonly string[], typed: string): string {
  const number = lookupOne(graph, typed);
  if (number !== BASE && graph.closureOf(rows)[number] === 1) return graph.idOf(number);
  const name = number === BASE ? 'base' : graph.idOf(number);
  throw new RevgraphError('not_applied', { revision: name });
}

async function prepareAgain({ project, rows }: Locked, revision: string): Promise<PreparedStep> {
  const [prepared] = await prepare(planOfOne(revision, rows), project.revisions);
  return prepared as PreparedStep;
}

export interface IdempotenceOptions extends RunOptions {
  /** The revision whose upgrade is run once more: an id, a prefix, a label. It must be applied. */
  readonly revision: string;
}

export interface IdempotenceResult {
  readonly revision: string;
  /** True if a second run changes no row, no object, and does not fail. */
  readonly idempotent: boolean;
  /** Whether its header says `@idempotent`. */
  readonly declared: boolean;
  readonly changed: readonly ChangedTable[];
  readonly facts: { readonly added: readonly string[]; readonly removed: readonly string[] };
  /** Why a second run failed; null if it did not. */
  readonly error: TrialFailure | null;
}
