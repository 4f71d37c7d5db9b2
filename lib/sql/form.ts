import type { Lexer } from './lexer.js';

/** Constants of these say nothing about which tables they touch. */
const CHANGES_ROWS = /^(insert|update|delete|merge)$/i;
/** In a row of VALUES, each of these may begin something that reads a table. */
const READS = /^(select|table|with|values|insert|update|delete|merge)$/i;
/** Longer strings are data or code: no name of anything, no default that could be told. */
const LONG = 4096;

/**
 * A statement without what its touches don't depend on: the rows of VALUES, long strings, and in statements that change rows
 * every constant. A million INSERTs into one table have one form, which is parsed once and is small.
 *
 * It is made while a statement is cut; comments are not told to it but by the gap that they leave.
 */
export class Form {
  readonly #text: string;
  readonly #parts: string[] = [];
  /** What is copied next begins here. */
  #from: number;
  #constants: boolean | null = null;
  #rows: 'none' | 'values' | 'row' | 'behind' | 'comma' = 'none';
  #depth = 0;
  #rowsFrom = 0;
  #rowsEnd = 0;
  #hasNone = false;

  constructor(text: string, start: number) {
    this.#text = text;
    this.#from = start;
  }

  /** The next token of the statement, comments too. */
  take(lexer: Lexer): void {
    if (this.#hasNone) return;
    const { kind, start, end } = lexer;
    const comment = kind === 'line-comment' || kind === 'block-comment';
    this.#constants ??= kind === 'word' && CHANGES_ROWS.test(lexer.word);
    if (comment && this.#rows !== 'none') return;
    if (this.#rows === 'row') {
      this.#inRow(lexer);
      return;
    }
    if (this.#rows === 'behind' && lexer.is(',')) this.#rows = 'comma';
    else if ((this.#rows === 'values' || this.#rows === 'comma') && lexer.is('(')) {
      if (this.#rows === 'values') this.#rowsFrom = start;
      this.#rows = 'row';
      this.#depth = 1;
    } else {
      if (this.#rows === 'comma') this.#hasNone = true;
      if (this.#rows === 'behind') this.#replace(this.#rowsFrom, this.#rowsEnd, '(NULL)');
      this.#rows = kind === 'word' && /^values$/i.test(lexer.word) ? 'values' : 'none';
      if (comment) this.#replace(start, end, ' ');
      else if (kind === 'string') this.#string(lexer);
      else if (kind === 'number' && this.#constants) this.#replace(start, end, '1');
    }
  }

  /** The form of the statement that ends here; null if there is none, and it has to be read as it stands. */
  end(at: number): string | null {
    if (this.#hasNone || this.#rows === 'row' || this.#rows === 'comma') return null;
    if (this.#rows === 'behind') this.#replace(this.#rowsFrom, this.#rowsEnd, '(NULL)');
    this.#replace(at, at, '');
    return this.#parts.join('');
  }

  #inRow(lexer: Lexer): void {
    if (lexer.is('(')) this.#depth++;
    else if (lexer.is(')') && --this.#depth === 0) {
      this.#rows = 'behind';
      this.#rowsEnd = lexer.end;
    } else if (lexer.kind === 'word') this.#hasNone = READS.test(lexer.word);
    // What is no SQL, as a command of psql, shall be said by the parser.
    else if (lexer.kind === 'mark') this.#hasNone = !/^[().,[\]]|::$/.test(lexer.word);
  }

  #string({ start, end }: Lexer): void {
    // U&'…' may be followed by its UESCAPE.
    if ((this.#text.charCodeAt(start) | 32) === 117 /* u */) return;
    if (this.#constants || end - start > LONG) this.#replace(start, end, "''");
  }

  #replace(start: number, end: number, by: string): void {
    this.#parts.push(this.#text.slice(this.#from, start), by);
    this.#from = end;
  }
}
