import type { Node } from 'libpg-query';

/** A token of SQL by its bytes in the UTF-8 text, as PostgreSQL's scanner counts. */
export interface Token {
  readonly start: number;
  readonly end: number;
  readonly comment: 'line' | 'block' | null;
}

/** A statement as parsed: its tree and the bytes that it takes, without leading comments. */
export interface ParsedStatement {
  readonly node: Node;
  readonly start: number;
  readonly end: number;
}

/** Where PostgreSQL gave up, as a byte of the text, and why. */
export interface ParseFailure {
  readonly at: number;
  readonly reason: string;
  /** The scanner could not make a token of the text; else the tokens are fine and the grammar is not. */
  readonly lexical: boolean;
}

type Library = typeof import('libpg-query');

/** PostgreSQL's own parser, compiled to WebAssembly: some 40 ms, paid when the first statement is looked at. */
async function load(): Promise<Library> {
  const library = await import('libpg-query');
  await library.loadModule();
  return library;
}

/** Cuts text into tokens, comments included; or tells where the scanner fails. Text must not hold NUL. */
export async function scan(sql: Buffer): Promise<Token[] | ParseFailure> {
  if (sql.length === 0) return [];
  const pg = await load();
  try {
    return pg.scanSync(withoutControls(sql)).tokens.map(({ start, end, tokenName }) => ({
      start,
      end,
      comment: tokenName === 'SQL_COMMENT' ? 'line' : tokenName === 'C_COMMENT' ? 'block' : null,
    }));
  } catch {
    return scanFailure(pg, sql);
  }
}

/** Parses text into statements; or tells where the parser fails. Text must not hold NUL. */
export async function parse(sql: Buffer): Promise<ParsedStatement[] | ParseFailure> {
  const pg = await load();
  return parseWith(pg, sql);
}

function parseWith(pg: Library, sql: Buffer): ParsedStatement[] | ParseFailure {
  if (sql.length === 0) return [];
  try {
    return (pg.parseSync(sql.toString()).stmts ?? []).flatMap(({ stmt, stmt_location, stmt_len }) => {
      const start = stmt_location ?? 0;
      return stmt === undefined ? [] : [{ node: stmt, start, end: stmt_len ? start + stmt_len : sql.length }];
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const details = pg.hasSqlDetails(error) ? error.sqlDetails : undefined;
    const lexical = details?.fileName === 'scan.l' && !reason.startsWith('syntax error');
    return { at: byteOf(sql, details?.cursorPosition ?? 0), reason, lexical };
  }
}

/**
 * The scanner of the library answers a failure with a text that its own JSON reader rejects: reason and place
 * are lost. The parser keeps them, but stops at the first mistake of grammar; so it is sent on behind each of
 * these (sections need not end with a semicolon) until it meets what the scanner met.
 */
function scanFailure(pg: Library, sql: Buffer): ParseFailure {
  let from = 0;
  for (let tries = 0; from < sql.length && tries < 10_000; tries++) {
    const failure = parseWith(pg, sql.subarray(from));
    if (!('reason' in failure)) break;
    if (failure.lexical) return { ...failure, at: from + failure.at };
    // Not a step forward: the token that was not understood is the first one, and has to be passed over.
    from += failure.at > 0 ? failure.at : lengthOfToken(failure.reason, sql.toString('utf8', from));
  }
  return { at: Math.min(from, sql.length), reason: 'this is not SQL', lexical: true };
}

function lengthOfToken(reason: string, rest: string): number {
  const near = / at or near "(.*)"$/s.exec(reason)?.[1] ?? /^\S+/.exec(rest)?.[0];
  return Buffer.byteLength(near ?? ' ') || 1;
}

/**
 * The library does not escape control characters in its JSON. Form feed and vertical tab are blanks to
 * PostgreSQL, all others are like DEL, and one byte stays one byte, so that every position holds.
 */
function withoutControls(sql: Buffer): string {
  const plain = Buffer.from(sql);
  for (let at = 0; at < plain.length; at++) {
    const byte = plain[at] ?? 0;
    if (byte >= 32 || byte === 9 || byte === 10 || byte === 13) continue;
    plain[at] = byte === 11 || byte === 12 ? 32 : 127;
  }
  return plain.toString();
}

/** The library counts the place of an error in characters, all other places in bytes. */
function byteOf(sql: Buffer, characters: number): number {
  let at = 0;
  for (let left = characters; left > 0 && at < sql.length; left--) {
    at++;
    while (at < sql.length && ((sql[at] ?? 0) & 0xc0) === 0x80) at++;
  }
  return at;
}
