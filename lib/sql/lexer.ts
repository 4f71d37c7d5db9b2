import {
  continuation,
  endOfBlanks,
  endOfBlockComment,
  endOfDollarQuoted,
  endOfLineComment,
  endOfName,
  endOfNumber,
  endOfOperator,
  endOfQuoted,
  isDigit,
  isLetter,
  isOperator,
  type Quoting,
  startsBlockComment,
  startsLineComment,
} from './lexemes.js';

/** `mark`: punctuation, and whatever else stands alone; `word`: a name or keyword without quotes. */
export type Kind =
  | 'line-comment'
  | 'block-comment'
  | 'word'
  | 'quoted-name'
  | 'string'
  | 'number'
  | 'parameter'
  | 'operator'
  | 'mark';

/** Where the text stops being SQL, as an offset, and why in PostgreSQL's words. */
export interface LexicalFailure {
  readonly at: number;
  readonly reason: string;
}

/**
 * Cuts text into tokens by the rules of PostgreSQL's scanner, comments included, and holds none of them: `kind`, `start` and
 * `end` are those of the last one. Between two tokens are blanks only, so nothing of a text is left out unseen.
 *
 * It is ours because that of `libpg-query` answers with a list of all tokens as JSON: 4.4 s for 20 MB, and from 41 MB on an
 * empty list without an error. `test/sql/lexer.test.ts` holds both against each other.
 */
export class Lexer {
  kind: Kind = 'mark';
  start = 0;
  end = 0;
  failure: LexicalFailure | null = null;
  readonly text: string;
  /** `standard_conforming_strings = off`: in plain strings, too, a backslash takes the next character with it. */
  backslashes = false;

  /** Statement: how many tokens it has, where it begins, and whether it may be a SET. */
  #tokens = 0;
  #begin = 0;
  #sets = false;
  /** A quote that goes on with a string before a comment, and how that writes its quotes. */
  #resumed = -1;
  #quoting: Quoting = 'doubled';

  constructor(text: string) {
    this.text = text;
  }

  /** Goes to the next token. False at the end, and where it can't go on: then there is a `failure`. */
  next(): boolean {
    const { text } = this;
    const at = endOfBlanks(text, this.end);
    this.start = at;
    if (at >= text.length || this.failure !== null) return false;
    const code = text.charCodeAt(at);
    if (code === 45 /* - */ && startsLineComment(text, at))
      return this.#take('line-comment', endOfLineComment(text, at));
    if (code === 47 /* / */ && startsBlockComment(text, at))
      return this.#take('block-comment', endOfBlockComment(text, at), 'unterminated /* comment');
    if (this.#tokens++ === 0) {
      this.#begin = at;
      this.#sets = (code | 32) === 115 && /^set$/i.test(text.slice(at, endOfName(text, at)));
    }
    if (isLetter(text, at)) return this.#letter(code);
    if (isDigit(text, at) || (code === 46 /* . */ && isDigit(text, at + 1))) return this.#number();
    if (code === 39 /* ' */) return this.#string(at, this.#quotingAt(at));
    if (code === 34 /* " */) return this.#quotedName(at);
    if (code === 36 /* $ */) return this.#dollar();
    if (isOperator(text, at)) return this.#take('operator', endOfOperator(text, at));
    return this.#mark(code);
  }

  /** The token as written. */
  get word(): string {
    return this.text.slice(this.start, this.end);
  }

  /** Whether the token is this one character. */
  is(mark: string): boolean {
    return this.end - this.start === 1 && this.text.charCodeAt(this.start) === mark.charCodeAt(0);
  }

  #take(kind: Kind, end: number, unterminated = ''): boolean {
    if (end === -1) return this.#fail(unterminated);
    this.kind = kind;
    this.end = end;
    return true;
  }

  #fail(reason: string): false {
    this.failure = { at: this.start, reason };
    return false;
  }

  /** `E'…'`, `B'…'`, `X'…'`, `U&'…'`, `U&"…"`, or a name. `N'…'` is a word and a string. */
  #letter(code: number): boolean {
    const { text, start } = this;
    const next = text.charCodeAt(start + 1);
    const letter = code | 32;
    if (next === 39) {
      if (letter === 101 /* e */) return this.#string(start + 1, 'escaped');
      if (letter === 98 /* b */ || letter === 120 /* x */) return this.#string(start + 1, 'none');
      if (letter === 110 /* n */) return this.#take('word', start + 1);
    } else if (next === 38 /* & */ && letter === 117 /* u */) {
      const quote = text.charCodeAt(start + 2);
      if (quote === 39) return this.#string(start + 2, 'doubled');
      if (quote === 34) return this.#quotedName(start + 2);
    }
    return this.#take('word', endOfName(text, start));
  }

  #quotingAt(at: number): Quoting {
    if (at === this.#resumed) return this.#quoting;
    return this.backslashes ? 'escaped' : 'doubled';
  }

  /**
   * A string, with the parts of it on further lines. Where a comment stands between two parts, PostgreSQL takes them for one string
   * and its library for two tokens: they are two here, of which the second is written as the first.
   */
  #string(open: number, quoting: Quoting): boolean {
    for (let quote = open; ; ) {
      const end = endOfQuoted(this.text, quote, "'", quoting);
      if (end === -1) return this.#fail('unterminated quoted string');
      const more = continuation(this.text, end);
      if (more.at !== -1 && !more.commented) quote = more.at;
      else {
        this.#resumed = more.at;
        this.#quoting = quoting;
        return this.#take('string', end);
      }
    }
  }

  #quotedName(open: number): boolean {
    const end = endOfQuoted(this.text, open, '"', 'doubled');
    if (end === open + 2) return this.#fail('zero-length delimited identifier');
    return this.#take('quoted-name', end, 'unterminated quoted identifier');
  }

  #number(): boolean {
    const end = endOfNumber(this.text, this.start);
    return typeof end === 'string' ? this.#fail(end) : this.#take('number', end);
  }

  #dollar(): boolean {
    const { text, start } = this;
    let end = start + 1;
    if (isDigit(text, end)) {
      while (isDigit(text, end)) end++;
      return this.#take('parameter', end);
    }
    end = endOfDollarQuoted(text, start);
    return end === 0
      ? this.#take('mark', start + 1)
      : this.#take('string', end, 'unterminated dollar-quoted string');
  }

  #mark(code: number): boolean {
    const { text, start } = this;
    if (code === 59 /* ; */) this.#endStatement();
    const next = text.charCodeAt(start + 1);
    // `::` and `:=`, and `..`
    const two = code === 58 ? next === 58 || next === 61 : code === 46 && next === 46;
    return this.#take('mark', start + (two ? 2 : 1));
  }

  #endStatement(): void {
    this.#tokens = 0;
    if (!this.#sets) return;
    const found = STRINGS.exec(this.text.slice(this.#begin, this.start));
    if (found !== null) this.backslashes = /^(of|off|f|false|fals|fal|fa|n|no|0)$/i.test(found[1] as string);
  }
}

const GAP = String.raw`(?:\s|--.*|\/\*[\s\S]*?\*\/)`;
const STRINGS = new RegExp(
  `^set${GAP}+(?:(?:session|local)${GAP}+)?standard_conforming_strings${GAP}*(?:=|to\\b)${GAP}*'?(\\w+)'?${GAP}*$`,
  'i',
);
