import type { Node } from 'libpg-query';
import { RevgraphError } from '../errors/error.js';
import { counted } from '../errors/words.js';
import { Lexer } from './lexer.js';

/** Where PostgreSQL's parser gave up, as an offset of the text, and why. */
export interface ParseFailure {
  readonly at: number;
  readonly reason: string;
}

/** What the parser is given at most. From 41 MB on it has answered with nothing at all and no error, or broken down for good. */
export const MOST_PARSED = 16_000_000;

type Library = typeof import('libpg-query');

/** Parses one statement. */
export type Parse = (sql: string, backslashes: boolean) => Node | ParseFailure;

/** PostgreSQL's own parser, compiled to WebAssembly: some 40 ms, paid when the first statement is looked at. */
export async function loadParser(): Promise<Parse> {
  const library = await import('libpg-query');
  await library.loadModule();
  return (sql, backslashes) => parseOne(library, sql, backslashes);
}

/**
 * The tree of one statement, or where PostgreSQL stops.
 *
 * @param sql from its first token up to its semicolon, or to the end; no NUL
 * @param backslashes its plain strings are read as escape strings, see {@link Lexer}
 * @throws RevgraphError `internal` if the answer does not account for the whole text: what the parser says of a part of it, or of
 *   nothing, is not an answer
 */
function parseOne(library: Library, sql: string, backslashes: boolean): Node | ParseFailure {
  const { text, added } = readable(sql, backslashes);
  let answer: ReturnType<Library['parseSync']>;
  try {
    answer = library.parseSync(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const details = library.hasSqlDetails(error) ? error.sqlDetails : undefined;
    const at = offsetOf(text, details?.cursorPosition ?? 0);
    return { at: at - added.filter((place) => place < at).length, reason };
  }
  const [one, ...others] = answer.stmts ?? [];
  // Without a length it goes to the end.
  const semicolon = one?.stmt_len === undefined ? 0 : Buffer.byteLength(text) - one.stmt_len;
  if (one?.stmt === undefined || others.length > 0 || (one.stmt_location ?? 0) > 0 || semicolon > 1)
    throw new RevgraphError('internal', {
      reason: `the parser read ${counted((answer.stmts ?? []).length, 'statement')} where there is one: ${text.slice(0, 100)}`,
    });
  return one.stmt;
}

/** Whether the parser stopped because more has to follow: a semicolon stood inside of the statement. */
export function isUnfinished({ reason }: ParseFailure): boolean {
  return reason.endsWith('at end of input');
}

/** As the library can read it, and where an `E` was added before a string: it knows no other setting than the default. */
function readable(sql: string, backslashes: boolean): { text: string; added: number[] } {
  const added: number[] = [];
  if (!backslashes || !sql.includes('\\')) return { text: withoutControls(sql), added };
  const lexer = new Lexer(sql);
  lexer.backslashes = true;
  const parts: string[] = [];
  let from = 0;
  while (lexer.next()) {
    if (lexer.kind !== 'string' || sql[lexer.start] !== "'" || !lexer.word.includes('\\')) continue;
    parts.push(sql.slice(from, lexer.start), 'E');
    added.push(lexer.start + added.length);
    from = lexer.start;
  }
  return { text: withoutControls(parts.join('') + sql.slice(from)), added };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
const CONTROLS = /[\x01-\x08\x0b\x0c\x0e-\x1f]/g;

/**
 * The library does not escape control characters in its JSON. Form feed and vertical tab are blanks to
 * PostgreSQL, all others are like DEL, and one character stays one, so that every position holds.
 */
function withoutControls(sql: string): string {
  return sql.replace(CONTROLS, (one) => (one === '\f' || one === '\v' ? ' ' : '\x7f'));
}

/** The library counts the place of an error in characters, of which some are two units of a string. */
function offsetOf(text: string, characters: number): number {
  let at = 0;
  for (let left = characters; left > 0 && at < text.length; left--)
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return at;
}
