import { RevgraphError } from '../../errors/error.js';
import { isOfPgMem } from '../connection/pg-mem.js';
import { inSchema, quote } from '../connection/server.js';
import type { Queryable } from '../connection/session.js';
import { literal } from '../literal.js';
import type { Counts } from './backfill-counts.js';
import {
  BACKFILL_TABLE,
  type BackfillsOf,
  type BackfillTable,
  nameOf,
  placeOf,
  QUARANTINE_TABLE,
} from './backfill-tables.js';
import { ifThere, oidOf, rowsFrom } from './if-there.js';
import { LEDGER_TABLE } from './ledger.js';
import { lostChunk, queuedQuery } from './lost-backfills.js';

/**
 * `queued`: nobody began · `running`: begun · `through`: every row was looked at · `done`: nothing is left in quarantine
 * either, and the statistics are written · `finished`: its revision is applied and verified
 */
export type BackfillState = 'queued' | 'running' | 'through' | 'done' | 'finished';

/** An order of another process. */
export type Control = 'pause' | 'cancel';

/** What is kept of a batch definition: enough to know it again, and to take it back. */
export interface KeptDefinition {
  readonly table: string | null;
  readonly source: string | null;
  /** Of the table: one of this name that was made anew is another one. */
  readonly oid?: number | null;
  readonly where: string | null;
  readonly key: readonly string[];
  readonly mark: KeptMark | null;
  /** Columns, or `column.key`, that are filled beside the mark. */
  readonly fills: readonly string[];
  readonly creates: readonly ({ readonly table: string } & KeptMark)[];
}

/** True if what a backfill did can be told apart afterwards. */
export function leavesMarks(definition: KeptDefinition | null): boolean {
  return definition === null || definition.mark !== null || definition.creates.length > 0;
}

/** Where a mark is, see `Mark`. */
export interface KeptMark {
  readonly column: string;
  readonly key: string | null;
  readonly value: 'revision' | 'time';
}

/** One chunk of a backfill: its rows, as `revgraph_backfill` holds them. Keys are texts, one per key column. */
export interface Chunk extends Counts {
  readonly revision: string;
  /** Of the backfill within its revision; '' stands for the revision itself, while it waits in the background. */
  readonly name: string;
  readonly chunk: number;
  readonly state: BackfillState;
  readonly control: Control | null;
  readonly definition: KeptDefinition | null;
  /** Exclusive. */
  readonly lower: readonly string[] | null;
  /** Inclusive, as it was when the backfill began; null where there was no row. */
  readonly upper: readonly string[] | null;
  /** The last key that is through. */
  readonly cursor: readonly string[] | null;
  /** Rows when it began. */
  readonly total: number | null;
  readonly size: number | null;
  readonly startedAt: Date;
  readonly updatedAt: Date;
  readonly finishedAt: Date | null;
  /** True while the connection that works on it is there. */
  readonly working: boolean;
  /** The ledger says that it waits, and its row is gone: how far it came is not known. */
  readonly lost?: boolean | undefined;
}

/** Makes the tables where they are missing, in the transaction that is open. */
export async function makeBackfillTables(client: Queryable, of: BackfillsOf): Promise<void> {
  if (await hasBackfillTables(client, of)) return;
  for (const statement of statements(of)) await client.query(statement);
}

function statements(of: BackfillsOf): string[] {
  const primaryKey = (table: BackfillTable): string => quote(`${nameOf(table, of)}_pkey`);
  return [
    `CREATE TABLE IF NOT EXISTS ${placeOf(BACKFILL_TABLE, of)} (
       revision varchar(64) NOT NULL, name text NOT NULL, chunk integer NOT NULL, state text NOT NULL, control text,
       definition jsonb, lower jsonb, upper jsonb, cursor jsonb, total bigint, size integer,
       batches bigint NOT NULL DEFAULT 0, scanned bigint NOT NULL DEFAULT 0, changed bigint NOT NULL DEFAULT 0,
       skipped bigint NOT NULL DEFAULT 0, failed bigint NOT NULL DEFAULT 0, reasons jsonb NOT NULL DEFAULT '{}',
       created jsonb NOT NULL DEFAULT '{}', ms bigint NOT NULL DEFAULT 0, backend integer,
       started_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(), finished_at timestamptz,
       CONSTRAINT ${primaryKey(BACKFILL_TABLE)} PRIMARY KEY (revision, name, chunk))`,
    `CREATE TABLE IF NOT EXISTS ${placeOf(QUARANTINE_TABLE, of)} (
       revision varchar(64) NOT NULL, name text NOT NULL, key jsonb NOT NULL, chunk integer NOT NULL, error text NOT NULL,
       sqlstate text, tries integer NOT NULL DEFAULT 1, accepted text, failed_at timestamptz NOT NULL DEFAULT now(),
       CONSTRAINT ${primaryKey(QUARANTINE_TABLE)} PRIMARY KEY (revision, name, key))`,
  ];
}

const COLUMNS = `revision, name, chunk, state, control, definition, lower, upper, cursor, total, size, batches, scanned, changed,
  skipped, failed, reasons, created, ms, started_at AS "startedAt", updated_at AS "updatedAt", finished_at AS "finishedAt",
  EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = backend) AS working`;

const TIMES = ['startedAt', 'updatedAt', 'finishedAt'] as const;

/** Times come as text. */
function chunkOf(row: Record<string, unknown>): Chunk {
  const times = TIMES.map((name) => [name, row[name] === null ? null : new Date(String(row[name]))]);
  return { ...row, ...Object.fromEntries(times) } as unknown as Chunk;
}

/** It has no backfills, and none of these questions. */
function unlessPgMem(error: unknown): null {
  if (isOfPgMem(error)) return null;
  throw error;
}

/** All chunks in order, of one revision or of all, and those that are lost; empty where the tables don't exist. */
export async function readChunks(
  client: Queryable,
  of: BackfillsOf,
  revision: string | null = null,
): Promise<Chunk[]> {
  const where = revision === null ? '' : ` WHERE revision = ${literal(revision)}`;
  const query = (place: string): string =>
    `SELECT ${COLUMNS} FROM ${place}${where} ORDER BY started_at, revision, name, chunk`;
  const chunksOf = ifThere(oidOf(of.schema, nameOf(BACKFILL_TABLE, of)), query);
  const queued = ifThere(oidOf(of.schema, LEDGER_TABLE), (place) => queuedQuery(of, place));
  const answer = await client
    .query(`SELECT ${chunksOf} AS chunks, ${queued} AS queued${sharedOnes(of)}`)
    .catch(unlessPgMem);
  const [row] = answer?.rows ?? [];
  const shared = row?.chunks == null ? (rowsFrom(row?.shared) ?? []) : [];
  if (shared.length > 0)
    throw sharedBefore(
      of,
      shared.map(({ revision }) => String(revision)),
    );
  const told = rowsFrom(row?.queued) ?? [];
  const ended = new Set(told.flatMap((one) => (one.ended === true ? [String(one.revision)] : [])));
  const chunks = (rowsFrom(row?.chunks) ?? [])
    .map(chunkOf)
    .map((chunk) => (ended.has(chunk.revision) ? { ...chunk, state: 'finished' as const } : chunk));
  const kept = new Set([...chunks.map((chunk) => chunk.revision), ...ended]);
  const lost = told.map(lostChunk).filter((chunk) => !kept.has(chunk.revision));
  return [...chunks, ...lost.filter((chunk) => revision === null || chunk.revision === revision)];
}

/** Before each version table had its own, all of a schema shared one: revisions of this table that it has, by the ledger. */
function sharedOnes(of: BackfillsOf): string {
  if (nameOf(BACKFILL_TABLE, of) === BACKFILL_TABLE) return '';
  const ledger = `SELECT FROM ${inSchema(of.schema, LEDGER_TABLE)} l WHERE l.revision = b.revision AND l.statistics ->> 'table' = ${literal(of.name)}`;
  const query = (place: string): string =>
    `SELECT DISTINCT b.revision FROM ${place} b WHERE EXISTS (${ledger}) ORDER BY 1`;
  return `, CASE WHEN ${oidOf(of.schema, LEDGER_TABLE)} IS NOT NULL THEN ${ifThere(oidOf(of.schema, BACKFILL_TABLE), query)} END AS shared`;
}

function sharedBefore(of: BackfillsOf, revisions: readonly string[]): RevgraphError<'version_table_invalid'> {
  const ids = revisions.map(literal).join(', ');
  const moves = ([BACKFILL_TABLE, QUARANTINE_TABLE] as const).map((table) => {
    const [old, own] = [inSchema(of.schema, table), placeOf(table, of)];
    return `CREATE TABLE ${own} (LIKE ${old} INCLUDING ALL); INSERT INTO ${own} SELECT * FROM ${old} WHERE revision IN (${ids});`;
  });
  return new RevgraphError('version_table_invalid', {
    table: BACKFILL_TABLE,
    reason: `it holds backfills of ${revisions.join(', ')}, which belong to ${of.name}: each version table has a table of its own now`,
    remedy: moves.join(' '),
  });
}

/** What a chunk begins with. */
export type NewChunk = Pick<Chunk, 'revision' | 'name' | 'chunk' | 'state'> &
  Partial<Pick<Chunk, 'definition' | 'lower' | 'upper' | 'total' | 'size' | 'control'>>;

const json = (value: unknown): string | null => (value == null ? null : JSON.stringify(value));

/** Makes chunks, in the transaction that is open. Those that are there stay. */
export async function addChunks(
  client: Queryable,
  of: BackfillsOf,
  chunks: readonly NewChunk[],
): Promise<void> {
  await client.query(
    `INSERT INTO ${placeOf(BACKFILL_TABLE, of)} (revision, name, chunk, state, definition, lower, upper, total, size)
     SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(revision text, name text, chunk int, state text, definition jsonb, lower jsonb, upper jsonb, total bigint, size int)
     ON CONFLICT DO NOTHING`,
    [json(chunks)],
  );
}

/**
 * Moves a chunk on, in the transaction of the batch. Only whoever knows how many batches there were may do it: of two that
 * work on one chunk, the second one changes nothing.
 * @returns what was asked for meanwhile, or `lost`
 */
export async function advance(
  client: Queryable,
  of: BackfillsOf,
  { batches: known }: Chunk,
  next: Chunk,
): Promise<Control | null | 'lost'> {
  const { rows } = await client.query(
    `UPDATE ${placeOf(BACKFILL_TABLE, of)} SET state = $5, cursor = $6, size = $7, batches = $8, scanned = $9, changed = $10,
       skipped = $11, failed = $12, reasons = $13, created = $14, ms = $15, definition = $16, updated_at = clock_timestamp(),
       backend = pg_backend_pid(), finished_at = CASE WHEN $5 = 'through' THEN clock_timestamp() END
     WHERE revision = $1 AND name = $2 AND chunk = $3 AND batches = $4 AND state IN ('queued', 'running', 'through') RETURNING control`,
    [
      next.revision,
      next.name,
      next.chunk,
      known,
      next.state,
      json(next.cursor),
      next.size,
      next.batches,
      next.scanned,
      next.changed,
      next.skipped,
      next.failed,
      json(next.reasons),
      json(next.created),
      Math.round(next.ms),
      json(next.definition),
    ],
  );
  return rows.length === 0 ? 'lost' : (rows[0]?.control as Control | null);
}

/** True if the tables are there. */
export async function hasBackfillTables(client: Queryable, of: BackfillsOf): Promise<boolean> {
  const answer = await client
    .query('SELECT to_regclass($1) IS NOT NULL AS there', [placeOf(BACKFILL_TABLE, of)])
    .catch(unlessPgMem);
  return answer?.rows[0]?.there === true;
}
