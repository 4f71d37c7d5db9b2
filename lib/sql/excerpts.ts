import { Lexer } from './lexer.js';

/** An excerpt, and where the text goes on behind it. */
interface Excerpt {
  readonly text: string;
  readonly end: number;
}

/** An offset that the parser gives, in bytes of UTF-8, as one in characters. */
export function offsetIn(text: string, bytes: number): number {
  if (Buffer.byteLength(text) === text.length) return bytes;
  return Buffer.from(text).subarray(0, bytes).toString().length;
}

/** Tokens of a text from an offset on, comments left out, with the depth of parentheses before them. */
function* tokens(
  text: string,
  from: number,
): Generator<{ word: string; start: number; end: number; depth: number }> {
  const lexer = new Lexer(text.slice(from));
  let depth = 0;
  while (lexer.next()) {
    if (lexer.kind === 'line-comment' || lexer.kind === 'block-comment') continue;
    const [start, end] = [from + lexer.start, from + lexer.end];
    const word = text.slice(start, end);
    if (word === ')') depth -= 1;
    yield { word, start, end, depth };
    if (word === '(') depth += 1;
  }
}

/** What stands between the first parenthesis behind `from` and its partner; null where that can't be told. */
export function inParentheses(text: string, from: number): Excerpt | null {
  let begin = -1;
  for (const { word, start, end, depth } of tokens(text, from)) {
    if (begin === -1 && word === '(') begin = end;
    else if (begin !== -1 && word === ')' && depth === 0)
      return { text: text.slice(begin, start).trim(), end };
  }
  return null;
}

/** Parts between commas that stand in no parentheses. */
export function atCommas(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const { word, start, end, depth } of tokens(text, 0)) {
    if (word !== ',' || depth !== 0) continue;
    parts.push(text.slice(from, start).trim());
    from = end;
  }
  return [...parts, text.slice(from).trim()];
}

/** What stands behind the last `WHERE` that is in no parentheses, up to the end of the statement; null without one. */
export function condition(text: string): string | null {
  let from = -1;
  let to = text.length;
  for (const { word, start, end, depth } of tokens(text, 0)) {
    if (depth === 0 && /^where$/i.test(word)) from = end;
    if (depth === 0 && word === ';') to = start;
  }
  return from === -1 ? null : text.slice(from, to).trim();
}
