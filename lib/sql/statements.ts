import type { StatementPlace } from '../errors/error.js';
import { Cutter } from './cutter.js';
import { Lexer } from './lexer.js';
import type { Trace } from './outside/trace.js';
import type { Transactional } from './outside/transactional.js';
import { loadParser } from './parser.js';
import { copyRefused, lexicalRefusal, lineCounter, type Place, refusal, refuseNul } from './refusal.js';
import type { Touch } from './touch.js';
import { type Facts, Reader } from './understand.js';

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
  /** Of one that is `outside`: by what it is seen whether it was finished; null where nothing tells. */
  readonly trace: Trace | null;
  /** What it does to what there is, as far as that can be seen. */
  readonly touches: readonly Touch[];
}

/**
 * Splits SQL into statements with PostgreSQL's own parser. Of a long text it sees each statement without its data, see
 * {@link Form}.
 *
 * @param options `thorough`: sees all of every statement of up to 1 MB. Default false
 * @throws RevgraphError `statement_unparsable` where it is no SQL, with the line of the file;
 *   `statement_refused` for `COPY … FROM STDIN`, which needs a client that sends rows, and for psql commands
 */
export async function splitStatements(
  sql: string,
  place: Place,
  { thorough = false }: { thorough?: boolean } = {},
): Promise<readonly Statement[]> {
  refuseNul(sql, place);
  const statements: Statement[] = [];
  const cutter = new Cutter(sql);
  const reader = new Reader(await loadParser(), sql, thorough);
  const lines = lineCounter(sql, place.line);
  for (let one = reader.next(cutter); one !== null; one = reader.next(cutter)) {
    if ('reason' in one) throw refusal(sql, one, place);
    const { cut, facts } = one;
    const text = sql.slice(cut.start, cut.end).trim();
    const statement = new SplitStatement(place.file, lines(cut.start), text, facts);
    if (facts.copiesFromClient) throw copyRefused(statement);
    statements.push(statement);
  }
  if (cutter.failure !== null) throw refusal(sql, cutter.failure, place);
  return statements;
}

/** Half a million of them are in memory at once: what many have in common, they share. */
class SplitStatement implements Statement {
  constructor(
    readonly file: string,
    readonly line: number,
    readonly sql: string,
    private readonly facts: Facts,
  ) {}

  get node() {
    return this.facts.node;
  }
  get transactional() {
    return this.facts.transactional;
  }
  get reason() {
    return this.facts.reason;
  }
  get setting() {
    return this.facts.setting;
  }
  get savepoint() {
    return this.facts.savepoint;
  }
  get extension() {
    return this.facts.extension;
  }
  get trace() {
    return this.facts.trace;
  }
  get touches() {
    return this.facts.touches;
  }
}

/** A token by its offsets. */
export interface Token {
  readonly start: number;
  readonly end: number;
  readonly comment: 'line' | 'block' | null;
}

/**
 * The tokens of a text with their places.
 * @throws RevgraphError as {@link splitStatements}
 */
export async function scanned(sql: string, place: Place): Promise<readonly Token[]> {
  refuseNul(sql, place);
  const tokens: Token[] = [];
  const lexer = new Lexer(sql);
  while (lexer.next()) {
    const { start, end, kind } = lexer;
    const comment = kind === 'line-comment' ? 'line' : kind === 'block-comment' ? 'block' : null;
    tokens.push({ start, end, comment });
  }
  if (lexer.failure !== null) throw await lexicalRefusal(sql, lexer.failure, place);
  return tokens;
}

/** @throws RevgraphError as {@link splitStatements}, where the text can't be cut into tokens */
export async function assertScannable(sql: string, place: Place): Promise<void> {
  refuseNul(sql, place);
  const lexer = new Lexer(sql);
  while (lexer.next());
  if (lexer.failure !== null) throw await lexicalRefusal(sql, lexer.failure, place);
}

/** Names of the extensions that these statements create, each once. */
export function createdExtensions(statements: readonly Statement[]): readonly string[] {
  return [...new Set(statements.flatMap(({ extension }) => (extension === null ? [] : [extension])))];
}

/** The place of a statement as errors carry it. */
export function placeOf({ file, line, sql }: Pick<Statement, 'file' | 'line' | 'sql'>): StatementPlace {
  return { file, line, statement: sql };
}
