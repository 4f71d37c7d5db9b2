import { randomUUID } from 'node:crypto';
import { type Locked, whoAndWhere } from '../access/open.js';
import { toAdopt } from '../access/record/recorded.js';
import { toldOf } from '../access/record/told.js';
import type { LastEntries } from '../database/tables/last-entries.js';
import type { Plan } from '../plan/plan.js';
import type { StepOptions } from '../run/options.js';
import type { Batching, Run } from '../run/run.js';
import { LIBRARY_VERSION } from '../version.js';

/** Loaded when a step has batches. */
const BATCHING: Batching = {
  run: async (...what) => (await import('../backfill/batching.js')).batching.run(...what),
  undo: async (...what) => (await import('../backfill/batching.js')).batching.undo(...what),
};

/** What all steps of a run share, before the first of them. */
export function newRun(
  { project, session, server, table, lockKey, emit, begun, record }: Locked,
  plan: Plan,
  options: StepOptions,
  next: string | ((plan: Plan) => string),
  last: LastEntries | null,
  more: Partial<Pick<Run, 'afterStep' | 'batching' | 'proof' | 'record'>> = {},
): Run {
  return Object.freeze<Run>({
    id: randomUUID(),
    session,
    server,
    table,
    plan,
    options,
    lockKey,
    parentsOf: (revision) => project.graph.parentsOf(revision),
    namesOf: (revisions) => project.graph.namesOf(revisions),
    isSquash: (revision) => project.graph.squashes.has(revision),
    toldOf: (covers) => toldOf(project, covers, record),
    ancestorsOf: (revision) => project.graph.ancestors(revision),
    descendantsOf: (revision) => project.graph.descendants(revision),
    next: typeof next === 'string' ? next : next(plan),
    ...whoAndWhere(),
    ...(options.actor === undefined ? {} : { actor: options.actor }),
    libraryVersion: LIBRARY_VERSION,
    last: last ?? new Map(),
    // A database that can't be asked what its ledger says (pg-mem) has it written when that is made.
    adopts: record === null && last !== null ? null : toAdopt(project.graph, record, plan.from),
    begun: begun.map((one) => ({ ...one, revision: project.graph.today(one.revision) ?? one.revision })),
    emit,
    batching: BATCHING,
    ...more,
    progress: {
      rows: plan.from,
      results: [],
      tables: {
        version: table.exists,
        ledger: last !== null,
        ledgerIndex: last?.indexed ?? false,
        adopted: false,
        rows: false,
      },
      ahead: null,
      listened: false,
      stands: false,
      backup: undefined,
    },
  });
}
