import type { Statement } from '../sql/statements.js';
import type { BatchDefinition, BatchResult, BatchSection, CodeDb, Row, UndoResult } from './batches.js';
import type { Header } from './header/assemble.js';

/** A revision, read from its header only. No code was run. */
export interface Revision {
  /** The id, from the header. */
  readonly revision: string;
  /** Parents in history. None: a base. Two or more: a merge point. */
  readonly revises: readonly string[];
  /** Prerequisites as written: `ID`, `LABEL`, `LABEL@head`. A leading `?` means: only if it is in the graph. */
  readonly dependsOn: readonly string[];
  readonly labels: readonly string[];
  /** First prose line of the header, '' if there is none. */
  readonly message: string;
  /** Path, relative to the working directory if it is below it. Null for {@link defineRevision}. */
  readonly file: string | null;
  readonly header: Header;
  /** Whether the file contains this word. Cheaper than reading the body. Undefined for objects. */
  readonly mentions?: (word: string) => boolean;
  /**
   * Reads and checks the whole file, or imports the code, on the first call. Later calls return the same result.
   * @throws RevgraphError `graph_invalid`, `statement_unparsable`, `statement_refused` or `code_unloadable`
   */
  readonly body: ReadBody;
}

/** Reads the body. It also knows how the revision was written down, for whoever asks whether it is still the same. */
export interface ReadBody {
  (): Promise<RevisionBody>;
  /** All of it. */
  readonly text?: () => string;
  /** SHA-256 of all of it; once the body was read, of what was read. */
  readonly digest?: () => string;
  /** What an upgrade of an object runs, where that is a function. */
  readonly code?: string | undefined;
}

/** A query and the value that it must return. */
export interface Check {
  readonly title: string;
  /** The value as text. `none`: the query must return no rows. Default `true`. */
  readonly expect: string;
  readonly sql: string;
  /** The revision that makes the check obsolete once it is applied, or null. */
  readonly until: string | null;
  /** First line of the query in its file; 1 for objects. */
  readonly line: number;
  /** The statements of `sql` with their places. */
  readonly statements: () => Promise<readonly Statement[]>;
}

/** SQL text and the line of the file on which it starts, from 1. For objects, which have no file, 1. */
export interface Section {
  readonly sql: string;
  readonly line: number;
}

interface BodyParts {
  readonly precheck: readonly Check[];
  readonly verify: readonly Check[];
  /** A boolean query that proves the revision applied. */
  readonly probe: Section | null;
  /** 64 hex digits; see `checksum.ts` for what counts. */
  readonly checksum: string;
}

export interface SqlBody extends BodyParts {
  readonly kind: 'sql';
  /** The SQL of the upgrade; for `@batch` sections, their text. */
  readonly upgrade: Section | null;
  readonly downgrade: Section | null;
  /** `@batch` sections, in order. If there are any, nothing else is run. */
  readonly batches: readonly BatchSection[];
}

export interface CodeBody extends BodyParts {
  readonly kind: 'code';
  readonly upgrade: RevisionFunction | null;
  readonly downgrade: RevisionFunction | null;
}

export type RevisionBody = SqlBody | CodeBody;

/** The code of a revision in one direction. It is awaited; its result is ignored. */
export type RevisionFunction = (context: RevisionContext) => unknown;

/** The argument of the code of a revision. */
export interface RevisionContext {
  /** The connection of this step: inside its transaction, unless the header says `@transaction none`. */
  readonly db: CodeDb;
  /**
   * Runs a backfill batch by batch. Each batch is one transaction with its cursor, so a run after a crash continues where this
   * one stopped. Do not write with `db` before it.
   * @throws `backfill_incomplete` while rows are in quarantine; `backfill_cancelled`, `backfill_changed`, `aborted`
   */
  batches<R extends Row = Row>(definition: BatchDefinition<R>): Promise<BatchResult>;
  /** In a downgrade: reverts exactly the rows that the batches of this revision marked. */
  undo(): Promise<UndoResult>;
  log(message: string): void;
  /** Aborted when the run is aborted. Check it in long loops. */
  readonly signal: AbortSignal;
  readonly revision: string;
  readonly direction: 'upgrade' | 'downgrade';
  /** True in a dry run, which is rolled back afterwards. */
  readonly preview: boolean;
}
