import type { Statement } from '../sql/statements.js';
import type { BatchDefinition, BatchResult, BatchSection, Row, UndoResult } from './batches.js';
import type { CodeDb } from './code-db.js';
import type { Header } from './header/assemble.js';

/** One revision as the graph and the lists need it: read from the header alone, no code was run. */
export interface Revision {
  /** The id, from the header and nowhere else. */
  readonly revision: string;
  /** Parents in history. None: a base. Two or more: a merge point. */
  readonly revises: readonly string[];
  /** Prerequisites as written: `ID`, `LABEL`, `LABEL@head`; a leading `?` means "only if it is in the graph". */
  readonly dependsOn: readonly string[];
  readonly labels: readonly string[];
  /** First prose line of the header, '' if there is none. */
  readonly message: string;
  /** Path as shown to people: relative to the working directory when below it; null for {@link defineRevision}. */
  readonly file: string | null;
  readonly header: Header;
  /** Whether the file has this word: cheaper than to read it as a body. Objects don't tell. */
  readonly mentions?: (word: string) => boolean;
  /**
   * Reads and checks the whole file, or imports the code, when first called; later calls give the same answer.
   * @throws RevgraphError `graph_invalid`, `statement_unparsable`, `statement_refused` or `code_unloadable`
   */
  readonly body: () => Promise<RevisionBody>;
}

/** A query and the one value that it must give. */
export interface Check {
  readonly title: string;
  /** The value as text; `none` means that the query returns no rows. Default `true`. */
  readonly expect: string;
  readonly sql: string;
  /** The revision that ends it: once that is applied, it need not hold any more. Null where it stands for good. */
  readonly until: string | null;
  /** First line of the query in its file; 1 for objects. */
  readonly line: number;
  /** The statements of `sql` with their places. */
  readonly statements: () => Promise<readonly Statement[]>;
}

/** SQL text and the line of the file on which it begins (from 1; for objects, which have no file, 1). */
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
  /** What it runs; for a batched one the text of its batches. */
  readonly upgrade: Section | null;
  readonly downgrade: Section | null;
  /** `@batch` sections, in order; with them nothing else is run. */
  readonly batches: readonly BatchSection[];
}

export interface CodeBody extends BodyParts {
  readonly kind: 'code';
  readonly upgrade: RevisionFunction | null;
  readonly downgrade: RevisionFunction | null;
}

export type RevisionBody = SqlBody | CodeBody;

/** What the code of a revision does in one direction. What it returns is ignored, once it is awaited. */
export type RevisionFunction = (context: RevisionContext) => unknown;

/** What the code of a revision is given. */
export interface RevisionContext {
  /** The connection of this step: inside its transaction, unless the header says `@transaction none`. */
  readonly db: CodeDb;
  /**
   * Works through rows batch by batch, each in a transaction of its own together with its cursor, so that a run after a
   * crash goes on where this one stopped. Nothing may be written by `db` before it.
   * @throws `backfill_incomplete` while rows are in quarantine; `backfill_cancelled`, `backfill_changed`, `aborted`
   */
  batches<R extends Row = Row>(definition: BatchDefinition<R>): Promise<BatchResult>;
  /** In a downgrade: takes back what the batches of this revision marked, and nothing else. */
  undo(): Promise<UndoResult>;
  log(message: string): void;
  /** Aborted when the run is; look at it in long loops. */
  readonly signal: AbortSignal;
  readonly revision: string;
  readonly direction: 'upgrade' | 'downgrade';
  /** True while a dry run tries the step out, to be rolled back afterwards. */
  readonly preview: boolean;
}
