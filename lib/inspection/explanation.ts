import type { DatabaseOptions } from '../config/options.js';
import type { EXPLAIN } from '../options/inspection.js';
import type { OptionsOf } from '../options/option.js';
import type { LogEntry } from './log-entry.js';

export interface ExplainOptions extends DatabaseOptions, OptionsOf<typeof EXPLAIN> {
  readonly revision: string;
}

/**
 * `applied` · `pending`: it has not run · `held`: pending, and it waits for a backfill · `unfinished`: its last attempt failed or
 * did not come to an end · `edited`: applied, and its file has been edited since · `missed`: below an applied one, and it never
 * ran · `lost`: it ran, and no row claims it · `below`: a squash of which only a part ran · `renamed`: a former name of a
 * revision · `squashed`: a squash took its place · `unknown`: a row that no file has · `deleted`: only the ledger knows it
 */
export type RevisionState =
  | 'applied'
  | 'pending'
  | 'held'
  | 'unfinished'
  | 'edited'
  | 'missed'
  | 'lost'
  | 'below'
  | 'renamed'
  | 'squashed'
  | 'unknown'
  | 'deleted';

/** Why a revision is as it is on a database, and how to go on. */
export interface Explanation {
  readonly revision: string;
  readonly state: RevisionState;
  /** Of a former name: the revision that bears it today. Else null. */
  readonly today: string | null;
  /** Sentences. */
  readonly why: readonly string[];
  /** The next command; null where nothing is to be done, or no command does it. */
  readonly next: string | null;
  /** The revisions that it stands on: its parents, or of an unknown row the topmost of these revisions. */
  readonly on: readonly string[];
  /** Applied revisions that stand on it, parents first. */
  readonly above: readonly string[];
  /** The newest entry of the ledger about it; a stamp that counted it as applied is one. */
  readonly lastEntry: LogEntry | null;
  /** Of a held one: the revisions that wait, and the backfills that they wait for. Else null. */
  readonly heldBy:
    | readonly { readonly revision: string; readonly backfill: string; readonly why: string }[]
    | null;
  readonly database: string;
}
