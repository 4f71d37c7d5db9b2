/*
 * Where the lexemes of PostgreSQL end: the rules of its scan.l, by offsets of UTF-16 units. What the rules ask of bytes
 * above 127 they ask of all of them alike, so that units serve as well as bytes.
 */

const BLANK = 1;
const LETTER = 2;
const DIGIT = 4;
const OPERATOR = 8;
/** What a name may go on with. */
const NAME = 16;

const CLASSES = new Uint8Array(128);
for (const blank of ' \t\n\r\f\v') CLASSES[blank.charCodeAt(0)] = BLANK;
for (let code = 48; code <= 57; code++) CLASSES[code] = DIGIT | NAME;
for (let code = 65; code <= 90; code++) CLASSES[code] = CLASSES[code + 32] = LETTER | NAME;
CLASSES[95] = LETTER | NAME;
CLASSES[36] = NAME;
for (const one of '~!@#^&|`?+-*/%<>=') CLASSES[one.charCodeAt(0)] = OPERATOR;

const QUOTE = 39;
const DOLLAR = 36;
const MINUS = 45;
const SLASH = 47;
const STAR = 42;
const NEWLINE = 10;
const RETURN = 13;
const BACKSLASH = 92;
const UNDERSCORE = 95;
const DOT = 46;

/** The classes of a unit; behind the end of a text, none. */
function classesAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 128 ? (CLASSES[code] as number) : code >= 128 ? LETTER | NAME : 0;
}

const has = (text: string, at: number, classes: number): boolean => (classesAt(text, at) & classes) !== 0;

export const isDigit = (text: string, at: number): boolean => has(text, at, DIGIT);
export const isOperator = (text: string, at: number): boolean => has(text, at, OPERATOR);
/** What a name may begin with. */
export const isLetter = (text: string, at: number): boolean => has(text, at, LETTER);

export function endOfBlanks(text: string, from: number): number {
  let at = from;
  while (has(text, at, BLANK)) at++;
  return at;
}

export function endOfName(text: string, from: number): number {
  let at = from + 1;
  while (has(text, at, NAME)) at++;
  return at;
}

export function startsLineComment(text: string, at: number): boolean {
  return text.charCodeAt(at) === MINUS && text.charCodeAt(at + 1) === MINUS;
}

export function startsBlockComment(text: string, at: number): boolean {
  return text.charCodeAt(at) === SLASH && text.charCodeAt(at + 1) === STAR;
}

/** A line comment ends before its line end. */
export function endOfLineComment(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === NEWLINE || code === RETURN) break;
  }
  return at;
}

/** Behind the mark that closes a block comment, however deep others are nested in it; -1 where none does. */
export function endOfBlockComment(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === STAR && text.charCodeAt(at + 1) === SLASH) {
      depth--;
      at++;
      if (depth === 0) return at + 1;
    } else if (code === SLASH && text.charCodeAt(at + 1) === STAR) {
      depth++;
      at++;
    }
  }
  return -1;
}

/** How a text in quotes writes its own quote: twice, or behind a backslash too, or not at all (bits). */
export type Quoting = 'doubled' | 'escaped' | 'none';

/** Behind the quote that closes a text, without those that go on on another line; -1 where none does. */
export function endOfQuoted(text: string, open: number, quote: '"' | "'", quoting: Quoting): number {
  if (quoting === 'escaped') return endOfEscaped(text, open);
  for (let at = text.indexOf(quote, open + 1); at !== -1; at = text.indexOf(quote, at + 2)) {
    if (quoting === 'none' || text.charCodeAt(at + 1) !== quote.charCodeAt(0)) return at + 1;
  }
  return -1;
}

function endOfEscaped(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) {
      if (text.charCodeAt(at + 1) !== QUOTE) return at + 1;
      at++;
    }
  }
  return -1;
}

/**
 * A string goes on in the next quote if only blanks with a line end stand between.
 * @returns the next quote, or -1; `commented`: there are comments between as well
 */
export function continuation(text: string, from: number): { at: number; commented: boolean } {
  let broken = false;
  let commented = false;
  for (let at = from; ; ) {
    const code = text.charCodeAt(at);
    if (has(text, at, BLANK)) {
      broken ||= code === NEWLINE || code === RETURN;
      at++;
    } else if (startsLineComment(text, at)) {
      commented = true;
      at = endOfLineComment(text, at);
    } else return { at: code === QUOTE && broken ? at : -1, commented };
  }
}

/**
 * Behind a text in dollar quotes: -1 where it is not closed, 0 where this dollar opens none.
 */
export function endOfDollarQuoted(text: string, open: number): number {
  let at = open + 1;
  if (isLetter(text, at)) while (has(text, at, LETTER | DIGIT)) at++;
  if (text.charCodeAt(at) !== DOLLAR) return 0;
  const mark = text.slice(open, at + 1);
  const close = text.indexOf(mark, at + 1);
  return close === -1 ? -1 : close + mark.length;
}

/**
 * An operator: comments begin inside of what looks like one, and a plus or minus at its end belongs to what follows, unless it
 * has a character that is none of standard SQL.
 */
export function endOfOperator(text: string, from: number): number {
  let end = from;
  while (isOperator(text, end)) {
    if (end > from && (startsLineComment(text, end) || startsBlockComment(text, end))) break;
    end++;
  }
  while (end - from > 1 && /[+-]/.test(text[end - 1] as string)) {
    if (/[~!@#^&|`?%]/.test(text.slice(from, end - 1))) break;
    end--;
  }
  return end;
}

const OF_BASE: Readonly<Record<string, RegExp>> = { x: /[0-9A-Fa-f]/, o: /[0-7]/, b: /[01]/ };

/** A number, or what is wrong with it. */
export function endOfNumber(text: string, from: number): number | string {
  const other = text.charCodeAt(from) === 48 ? OF_BASE[(text[from + 1] ?? '').toLowerCase()] : undefined;
  if (other !== undefined) {
    const end = endOfDigits(text, from + 2, other);
    // Of what goes on, the reading that takes more counts: zero, and a name behind it.
    return end === from + 2 || endOfName(text, from + 1) > end ? JUNK : end;
  }
  let end = isDigit(text, from) ? endOfDecimal(text, from) : from;
  // `1..2` is a range.
  if (text.charCodeAt(end) === DOT && text.charCodeAt(end + 1) !== DOT)
    end = isDigit(text, end + 1) ? endOfDecimal(text, end + 1) : end + 1;
  if ((text.charCodeAt(end) | 32) === 101 /* e */) {
    const sign = /[+-]/.test(text[end + 1] ?? '') ? 1 : 0;
    if (!isDigit(text, end + 1 + sign)) return JUNK;
    end = endOfDecimal(text, end + 1 + sign);
  }
  // A name may hold a dollar, and begin with an underscore or an e before the last digits.
  const dollar = text.charCodeAt(end) === DOLLAR && /[_e][\d_]*$/i.test(text.slice(from, end));
  return dollar || isLetter(text, end) ? JUNK : end;
}

const JUNK = 'trailing junk after numeric literal';

/** Digits with single underscores between them: where they end. */
function endOfDecimal(text: string, from: number): number {
  let at = from;
  for (;;) {
    while (isDigit(text, at)) at++;
    if (text.charCodeAt(at) !== UNDERSCORE || !isDigit(text, at + 1)) return at;
    at++;
  }
}

/** The same of another base, where one may stand before the first as well. */
function endOfDigits(text: string, from: number, digit: RegExp): number {
  let at = from;
  for (;;) {
    if (digit.test(text[at] ?? '')) at++;
    else if (text.charCodeAt(at) === UNDERSCORE && digit.test(text[at + 1] ?? '')) at += 2;
    else return at;
  }
}
