import type { JobQueue } from '../../database/batches/job-queue.js';
import type { Queryable } from '../../database/connection/session.js';
import type { BackfillsOf } from '../../database/tables/backfill-tables.js';
import type { EventBody } from '../../run/events.js';

/** A row before and after, in the columns that change. */
export interface Sample {
  readonly key: readonly string[];
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

/** A dry run: every batch is run and rolled back, or its rows are only counted. */
export interface Preview {
  readonly mode: 'run' | 'count';
  /** How many samples a backfill shows. */
  readonly samples: number;
}

/** What a backfill needs of whoever runs it. */
export interface BackfillContext {
  readonly client: Queryable;
  /** Whose tables of ours keep them. */
  readonly records: BackfillsOf;
  readonly revision: string;
  /** The file of the revision, for errors. */
  readonly file: string;
  readonly signal: AbortSignal | undefined;
  readonly emit: (event: EventBody) => void;
  /** Null for a run that counts. */
  readonly preview: Preview | null;
  /** Settings of a transaction: timeouts, search path; makes sure that the lock of the run is held. */
  readonly settle: (timeouts: {
    statementTimeoutMs: number;
    lockTimeoutMs: number | undefined;
  }) => Promise<void>;
  /** More connections to work with at once; each is closed by whoever opened it. Default: only `client`. */
  readonly connections?: readonly BackfillContext[] | undefined;
  /** Other processes that work on the same chunks. */
  readonly share?: Share | undefined;
}

/**
 * How several processes share a backfill. The leader makes the chunks and a job for each, works on them like everybody else,
 * and brings the backfill to its end; the others work on chunks. A worker that is killed leaves its chunk where its last
 * batch was committed: its advisory lock is gone with its connection, and whoever is idle gives the job back.
 */
export interface Share {
  readonly role: 'lead' | 'join';
  /** Of database and schema, for the names of locks. */
  readonly place: readonly [database: string, schema: string];
  /** Key of the lock that the leader holds. */
  readonly leaderKey: string;
  readonly open: (name: string) => Promise<JobQueue>;
}
