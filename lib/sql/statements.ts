import type { StatementPlace } from '../errors/error.js';
import { type ParsedStatement, parse, scan, type Token } from './parser.js';
import { copyRefused, isCopyFromClient, lineCounter, type Place, refusal, refuseNul } from './refusal.js';
import type { Touch } from './touch.js';
import { touchesOf } from './touches.js';
import { classify, type IndexName, type Transactional } from './transactional.js';

/** One statement of a section. */
export interface Statement {
  /** Its text without the semicolon and without what stands before it. */
  readonly sql: string;
  /** The line of the file on which it begins. */
  readonly line: number;
  readonly file: string;
  /** PostgreSQL's name of its parse tree: `IndexStmt`, `AlterTableStmt`, … */
  readonly node: string;
  /**
   * `inside`: may run in a transaction · `outside`: PostgreSQL refuses it there · `control`: would end or open
   * a transaction, or give up the lock of the run, which is not a revision's business.
   */
  readonly transactional: Transactional;
  /** What it is and why it is not `inside`, for messages; null where it is. */
  readonly reason: string | null;
  /** Neither changes nor reads anything: a session setting. It does not count against `outside`. */
  readonly setting: boolean;
  /** Needs a transaction around it: SAVEPOINT and its kin. */
  readonly savepoint: boolean;
  /** The extension that it creates, else null. */
  readonly extension: string | null;
  /** The index that it builds concurrently, if it names one: what a failure leaves behind as invalid. */
  readonly index: IndexName | null;
  /** What it does to what there is, as far as that can be seen. */
  readonly touches: readonly Touch[];
}

/**
 * Splits SQL into statements with PostgreSQL's own parser.
 *
 * @throws RevgraphError `statement_unparsable` where it is no SQL, with the line of the file;
 *   `statement_refused` for `COPY … FROM STDIN`, which needs a client that sends rows, and for psql commands
 */
export async function splitStatements(sql: string, place: Place): Promise<readonly Statement[]> {
  const bytes = Buffer.from(sql);
  refuseNul(bytes, place);
  const parsed = await parse(bytes);
  if ('reason' in parsed) throw await refusal(bytes, parsed, place);
  const lines = lineCounter(bytes, place.line);
  const statements = parsed.map((one) =>
    toStatement(one, bytes, { file: place.file, line: lines(one.start) }),
  );
  const copy = parsed.findIndex(isCopyFromClient);
  if (copy !== -1) throw copyRefused(statements[copy] ?? { ...place, sql });
  return statements;
}

/**
 * The tokens of a text without its comments, as written.
 * @throws RevgraphError as {@link splitStatements}
 */
export async function wordsOf(sql: string, place: Place): Promise<readonly string[]> {
  const bytes = Buffer.from(sql);
  const tokens = await scanned(bytes, place);
  return tokens.flatMap(({ comment, start, end }) =>
    comment === null ? [bytes.toString('utf8', start, end)] : [],
  );
}

/**
 * The tokens of a text with their places.
 * @throws RevgraphError as {@link splitStatements}
 */
export async function scanned(bytes: Buffer, place: Place): Promise<readonly Token[]> {
  refuseNul(bytes, place);
  const tokens = await scan(bytes);
  if ('reason' in tokens) throw await refusal(bytes, tokens, place);
  return tokens;
}

/** Names of the extensions that these statements create, each once. */
export function createdExtensions(statements: readonly Statement[]): readonly string[] {
  return [...new Set(statements.flatMap(({ extension }) => (extension === null ? [] : [extension])))];
}

/** The place of a statement as errors carry it. */
export function placeOf({ file, line, sql }: Pick<Statement, 'file' | 'line' | 'sql'>): StatementPlace {
  return { file, line, statement: sql };
}

function toStatement(one: ParsedStatement, bytes: Buffer, place: Place): Statement {
  const sql = bytes.toString('utf8', one.start, one.end).trim();
  return { ...place, sql, ...classify(one.node), touches: touchesOf(one.node) };
}
