import { readDriverError } from '../../database/connection/failure.js';
import type { Queryable } from '../../database/connection/session.js';
import type { Chunk } from '../../database/tables/backfill-state.js';
import type { Sample } from './context.js';
import { added } from './result.js';

/** A row that failed, by its key. */
export interface Failed {
  readonly key: readonly string[];
  readonly error: string;
  readonly sqlstate: string | null;
}

/** What a batch did. */
export interface BatchEffect {
  readonly changed: number;
  /** Reason → rows. */
  readonly skipped: ReadonlyMap<string, number>;
  readonly failed: readonly Failed[];
  readonly created: ReadonlyMap<string, number>;
  /** Columns, or `column.key`, that were filled. */
  readonly fills: readonly string[];
  readonly samples: readonly Sample[];
}

/** A row as it was read, with its key beside it. */
export type Read = Record<string, unknown>;

/** How a backfill works on a batch. */
export interface BatchWork {
  /**
   * What takes time, outside the transaction. Null: a pause was ordered meanwhile, and nothing was started.
   */
  readonly prepare?: (rows: readonly Read[]) => Promise<Prepared | null>;
  /** In the transaction of the batch. */
  readonly apply: (
    client: Queryable,
    rows: readonly Read[],
    prepared: Prepared | null,
  ) => Promise<BatchEffect>;
}

/** What `prepare` hands to `apply`; its own business. */
export type Prepared = unknown;

export function failedRow(key: readonly string[], error: unknown): Failed {
  const { message, sqlstate, detail } = readDriverError(error);
  return { key, error: detail === null ? message : `${message} (${detail})`, sqlstate };
}

/** Counts by name. */
export class Tally {
  readonly counts = new Map<string, number>();

  add(name: string, by = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + by);
  }
}

/** A chunk after a batch of so many rows. */
export function after(chunk: Chunk, scanned: number, effect: BatchEffect, ms: number): Chunk {
  const skipped = Object.fromEntries(effect.skipped);
  return {
    ...chunk,
    state: 'running',
    batches: chunk.batches + 1,
    scanned: chunk.scanned + scanned,
    changed: chunk.changed + effect.changed,
    skipped: chunk.skipped + Object.values(skipped).reduce((sum, n) => sum + n, 0),
    failed: chunk.failed + effect.failed.length,
    reasons: added([chunk.reasons, skipped]),
    created: added([chunk.created, Object.fromEntries(effect.created)]),
    ms: chunk.ms + ms,
    definition: withFills(chunk, effect.fills),
  };
}

function withFills({ definition }: Chunk, fills: readonly string[]): Chunk['definition'] {
  if (definition === null || fills.every((fill) => definition.fills.includes(fill))) return definition;
  return { ...definition, fills: [...new Set([...definition.fills, ...fills])].sort() };
}

/** A row without what was read beside it for us. */
export function bare(row: Read): Record<string, unknown> {
  // Once per row of a million: a loop takes a fraction of the time of Object.entries and back.
  const own: Record<string, unknown> = {};
  for (const name in row) if (!name.startsWith('revgraph:')) own[name] = row[name];
  return own;
}
