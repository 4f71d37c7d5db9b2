import { endOfBlockComment } from '../../sql/lexemes.js';
import { readTag, type Tag } from './tags.js';

/** One line of a leading comment without its marks: `-- @label x` → `@label x`. */
export interface CommentLine {
  readonly text: string;
  /** The line as a tag; null for prose. */
  readonly tag: Tag | null;
  /** From 1. */
  readonly line: number;
  /** Counts comments: each block comment is one, all line comments without a block comment between are one. */
  readonly comment: number;
  /** Counts paragraphs: an empty line, without any comment mark, begins a new one. */
  readonly paragraph: number;
}

/** The comments at the beginning of a file. */
export interface LeadingComments {
  readonly lines: readonly CommentLine[];
  /** Offset of what follows the comments. */
  readonly end: number;
  /** The line on which that is. */
  readonly endLine: number;
  /** Line of a block comment that is not closed, else null. */
  readonly open: number | null;
  /** False if the text ends before it is certain that nothing belongs to the comments any more. */
  readonly finished: boolean;
}

/** How a language writes comments, and which line ends the header although it is a comment. */
export interface CommentStyle {
  readonly mark: '--' | '//';
  readonly nested: boolean;
  readonly ends: (tag: Tag) => boolean;
}

/**
 * Reads the comments before the first word of code. Written by hand and by offsets, because it runs once per
 * file of a folder: no splitting, no copy but the lines themselves.
 */
export function leadingComments(text: string, style: CommentStyle): LeadingComments {
  const lines: CommentLine[] = [];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let line = 1;
  let comment = 0;
  let paragraph = 0;
  let open: number | null = null;
  if (style.mark === '//' && text.startsWith('#!', at)) at = endOfLine(text, at);
  while (at < text.length) {
    const eol = endOfLine(text, at);
    const start = skipBlanks(text, at, eol);
    if (start === eol) {
      if (eol === text.length) at = eol;
      else {
        at = eol + 1;
        line++;
      }
      paragraph++;
    } else if (text.startsWith(style.mark, start)) {
      const words = bare(text, start + 2, eol, style.mark.charCodeAt(0));
      const tag = readTag(words);
      if (tag !== null && style.ends(tag)) break;
      lines.push({ text: words, tag, line, comment, paragraph });
      at = eol;
      if (eol < text.length) {
        at++;
        line++;
      }
    } else if (text.startsWith('/*', start)) {
      const close = closeOfBlock(text, start + 2, style.nested);
      if (close === -1) open = line;
      comment++;
      paragraph++;
      line = readBlock(
        text,
        start + 2,
        close === -1 ? text.length : close,
        { line, comment, paragraph },
        lines,
      );
      comment++;
      at = close === -1 ? text.length : close + 2;
    } else {
      const after = style.mark === '//' ? afterDirective(text, start) : start;
      if (after === start) break;
      at = after;
    }
  }
  return { lines, end: at, endLine: line, open, finished: text.indexOf('\n', at) !== -1 };
}

/** Adds the lines of a block comment and returns the line on which it ends. */
function readBlock(
  text: string,
  from: number,
  to: number,
  place: { line: number; comment: number; paragraph: number },
  lines: CommentLine[],
): number {
  let { line } = place;
  for (let at = from; ; line++) {
    const eol = Math.min(endOfLine(text, at), to);
    let end = eol;
    // `**/` closes a block as well as `*/` does: the extra stars are no text.
    if (eol === to) while (end > at && text.charCodeAt(end - 1) === 42) end--;
    const words = bare(text, skipBlanks(text, at, end), end, 42);
    lines.push({ ...place, line, text: words, tag: readTag(words) });
    if (eol === to) return line;
    at = eol + 1;
  }
}

function closeOfBlock(text: string, from: number, nested: boolean): number {
  if (!nested) return text.indexOf('*/', from);
  const end = endOfBlockComment(text, from - 2);
  return end === -1 ? -1 : end - 2;
}

/** The words of a line: without the rest of the comment mark (`---`, `***`) and the blanks around. */
function bare(text: string, from: number, to: number, mark: number): string {
  let start = from;
  while (start < to && text.charCodeAt(start) === mark) start++;
  start = skipBlanks(text, start, to);
  let end = to;
  while (end > start && text.charCodeAt(end - 1) <= 32) end--;
  return start === end ? '' : text.slice(start, end);
}

function endOfLine(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at === -1 ? text.length : at;
}

function skipBlanks(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && text.charCodeAt(at) <= 32) at++;
  return at;
}

/** `'use strict'` may stand before the header. */
function afterDirective(text: string, at: number): number {
  const found = ["'use strict'", '"use strict"'].find((directive) => text.startsWith(directive, at));
  if (found === undefined) return at;
  return at + found.length + (text[at + found.length] === ';' ? 1 : 0);
}
