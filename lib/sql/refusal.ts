import { RevgraphError } from '../errors/error.js';
import { type ParsedStatement, type ParseFailure, parse } from './parser.js';

/** Where a piece of SQL comes from. `line` is the line of the file on which it begins. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/**
 * The error for text that PostgreSQL's scanner or parser stopped at, with the line of the file: mostly
 * `statement_unparsable`, and `statement_refused` for what only psql understands.
 */
export async function refusal(bytes: Buffer, failure: ParseFailure, place: Place): Promise<RevgraphError> {
  // The rows that follow a COPY in a dump are what the parser stumbles over; the COPY is what has to go.
  const whole = await parse(bytes);
  const before = 'reason' in whole ? await parse(bytes.subarray(0, whole.at)) : whole;
  const last = 'reason' in before ? undefined : before.at(-1);
  if (last !== undefined && isCopyFromClient(last)) {
    const line = lineCounter(bytes, place.line)(last.start);
    return copyRefused({ file: place.file, line, sql: bytes.toString('utf8', last.start, last.end) });
  }
  if (bytes[failure.at] !== 92 /* \ */) return unparsable(bytes, failure, place);
  const { line, statement } = lineAt(bytes, failure.at, place);
  const reason = `${statement.split(/\s/)[0]} is a psql command, not SQL. Write SQL, or use a code revision.`;
  return new RevgraphError('statement_refused', { file: place.file, line, statement, reason });
}

/** The parser takes C strings: what stands behind a NUL would silently not be run. */
export function refuseNul(bytes: Buffer, place: Place): void {
  const at = bytes.indexOf(0);
  if (at !== -1)
    throw unparsable(bytes, { at, reason: 'the text has a NUL byte here', lexical: true }, place);
}

/** With the line on which PostgreSQL stopped. */
function unparsable(bytes: Buffer, failure: ParseFailure, place: Place): RevgraphError {
  const { line, statement } = lineAt(bytes, failure.at, place);
  return new RevgraphError('statement_unparsable', {
    file: place.file,
    line,
    statement,
    reason: failure.reason,
  });
}

function lineAt(bytes: Buffer, at: number, place: Place): { line: number; statement: string } {
  // At the end of the input there is nothing to show: step back to the last line that has text.
  let shown = Math.min(at, bytes.length - 1);
  while (shown > 0 && at >= bytes.length && (bytes[shown] ?? 0) <= 32) shown--;
  const from = shown === 0 ? 0 : bytes.lastIndexOf(10, shown - 1) + 1;
  const to = bytes.indexOf(10, shown);
  const statement = bytes.toString('utf8', from, to === -1 ? bytes.length : to).trim();
  return { line: lineCounter(bytes, place.line)(shown), statement };
}

/** `COPY … FROM STDIN`. */
export function isCopyFromClient({ node }: ParsedStatement): boolean {
  if (!('CopyStmt' in node)) return false;
  const { filename, is_program, is_from } = node.CopyStmt;
  return filename === undefined && is_program !== true && is_from === true;
}

/** The error for it. */
export function copyRefused({ file, line, sql }: Place & { sql: string }): RevgraphError {
  const reason =
    'COPY … FROM STDIN is not allowed, because no client sends rows here. Write INSERT, or use a code revision.';
  return new RevgraphError('statement_refused', { file, line, statement: sql.trim(), reason });
}

/** Lines of ascending offsets, each byte looked at once. */
export function lineCounter(bytes: Buffer, first: number): (at: number) => number {
  let line = first;
  let seen = 0;
  return (at) => {
    for (; seen < at; seen++) if (bytes[seen] === 10) line++;
    return line;
  };
}
