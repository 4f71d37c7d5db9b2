import type { Node } from 'libpg-query';
import { RevgraphError } from '../errors/error.js';
import { Cutter } from './cutter.js';
import { loadParser, type ParseFailure } from './parser.js';

/** Where a cut of SQL comes from. `line` is the line of the file on which it begins. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/**
 * The error for text that can't be cut into tokens: mostly `statement_unparsable`, with the line of the file. The rows that
 * follow a COPY in a dump are what is stumbled over; then the COPY is what has to go.
 */
export async function lexicalRefusal(
  text: string,
  failure: ParseFailure,
  place: Place,
): Promise<RevgraphError> {
  const parse = await loadParser();
  const cutter = new Cutter(text);
  for (let cut = cutter.next(false); cut !== null; cut = cutter.next(false)) {
    if (!/^copy$/i.test(cut.first)) continue;
    const node = parse(text.slice(cut.start, cut.next), cut.backslashes);
    if ('reason' in node || !isCopyFromClient(node)) continue;
    const line = lineCounter(text, place.line)(cut.start);
    return copyRefused({ file: place.file, line, sql: text.slice(cut.start, cut.end) });
  }
  return refusal(text, failure, place);
}

/** The error for text that PostgreSQL stopped at: `statement_refused` for what only psql understands, else `statement_unparsable`. */
export function refusal(text: string, failure: ParseFailure, place: Place): RevgraphError {
  const { line, statement } = lineAt(text, failure.at, place);
  const { file } = place;
  if (text[failure.at] !== '\\')
    return new RevgraphError('statement_unparsable', { file, line, statement, reason: failure.reason });
  const reason = `${statement.split(/\s/)[0]} is a psql command, not SQL. Write SQL, or use a code revision.`;
  return new RevgraphError('statement_refused', { file, line, statement, reason });
}

/** The parser takes C strings: what stands behind a NUL would silently not be run. */
export function refuseNul(text: string, place: Place): void {
  const at = text.indexOf('\0');
  if (at !== -1) throw refusal(text, { at, reason: 'the text has a NUL byte here' }, place);
}

/** Of a line, what fits a message. */
const MOST_SHOWN = 2000;

function lineAt(text: string, at: number, place: Place): { line: number; statement: string } {
  // At the end of the input there is nothing to show: step back to the last line that has text.
  let shown = Math.min(at, text.length - 1);
  while (shown > 0 && at >= text.length && text.charCodeAt(shown) <= 32) shown--;
  const from = shown === 0 ? 0 : text.lastIndexOf('\n', shown - 1) + 1;
  const to = text.indexOf('\n', shown);
  const end = Math.min(to === -1 ? text.length : to, from + MOST_SHOWN);
  return { line: lineCounter(text, place.line)(shown), statement: text.slice(from, end).trim() };
}

/** `COPY … FROM STDIN`. */
export function isCopyFromClient(node: Node): boolean {
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

/** Lines of ascending offsets, each looked at once. */
export function lineCounter(text: string, first: number): (at: number) => number {
  let line = first;
  let next = text.indexOf('\n');
  return (at) => {
    for (; next !== -1 && next < at; next = text.indexOf('\n', next + 1)) line++;
    return line;
  };
}
