import type { Problem } from '../errors/error.js';
import type { Token } from '../sql/parser.js';
import { lineCounter } from '../sql/refusal.js';
import { scanned } from '../sql/statements.js';
import { type HeaderReading, readHeader } from './header/header.js';
import {
  didYouMean,
  HEADER_TAGS,
  isSectionTag,
  readTag,
  SECTION_TAGS,
  type SectionName,
} from './header/tags.js';

/** A section as it stands in the file. */
export interface RawSection {
  readonly name: SectionName;
  /** What follows the tag on its line. */
  readonly value: string;
  readonly tagLine: number;
  readonly sql: string;
  /** First line of `sql`. */
  readonly line: number;
  /** Its tokens without comments, as written. */
  readonly tokens: readonly string[];
}

/** A `.sql` file taken apart. Problems of the header are in `header`, those of the sections in `problems`. */
export interface SectionedFile {
  readonly header: HeaderReading;
  readonly sections: readonly RawSection[];
  readonly problems: readonly Problem[];
}

/**
 * Splits a `.sql` file into header and sections. A tag is a `--` comment of its own line, as PostgreSQL's scanner
 * sees it: the same words in a function body or a string are not a tag.
 *
 * @param text the whole file, see `normalised`
 * @throws RevgraphError `statement_unparsable` or `statement_refused` where the scanner can't go on
 */
export async function splitSections(text: string, file: string): Promise<SectionedFile> {
  const bytes = Buffer.from(text);
  const tokens = await scanned(bytes, { file, line: 1 });
  const header = readHeader(text, file, 'sql');
  const headerEnd = Buffer.byteLength(text.slice(0, header.end));
  const below = tokens.filter((token) => token.start >= headerEnd);
  return { header, ...walk(below, bytes, file) };
}

interface OpenSection {
  name: SectionName;
  value: string;
  tagLine: number;
  from: number;
  tokens: string[];
}

function walk(tokens: readonly Token[], bytes: Buffer, file: string): Omit<SectionedFile, 'header'> {
  const sections: RawSection[] = [];
  const problems: Problem[] = [];
  const lineOf = lineCounter(bytes, 1);
  const report = (at: number, message: string, hint: string): void => {
    problems.push({ code: 'bad_header', file, line: lineOf(at), message, hint });
  };
  let open: OpenSection | null = null;
  let told = false;
  for (const token of tokens) {
    if (token.comment === null) {
      if (open !== null) open.tokens.push(bytes.toString('utf8', token.start, token.end));
      else if (!told)
        report(token.start, 'this SQL is outside all sections', 'Put -- @upgrade on a line above it');
      told ||= open === null;
      continue;
    }
    const tag = tagOf(token, bytes, report);
    if (tag === null) continue;
    if (open !== null) sections.push(closed(open, bytes, startOfLine(bytes, token.start)));
    open = { ...tag, tagLine: lineOf(token.start), from: Math.min(token.end + 1, bytes.length), tokens: [] };
  }
  if (open !== null) sections.push(closed(open, bytes, bytes.length));
  return { sections, problems };
}

function closed({ from, ...open }: OpenSection, bytes: Buffer, to: number): RawSection {
  return { ...open, line: open.tagLine + 1, sql: bytes.toString('utf8', from, Math.max(from, to)).trimEnd() };
}

type ReportAt = (at: number, message: string, hint: string) => void;

/** The section tag of a comment, or null; what only looks like one is reported. */
function tagOf(token: Token, bytes: Buffer, report: ReportAt): { name: SectionName; value: string } | null {
  const tag = readTag(wordsOf(token, bytes));
  if (tag === null) return null;
  const { name } = tag;
  const ownLine = bytes.toString('utf8', startOfLine(bytes, token.start), token.start).trim() === '';
  if (token.comment === 'line' && ownLine) {
    if (isSectionTag(name)) return { name, value: tag.value };
    if (HEADER_TAGS.has(name))
      report(token.start, `@${name} is below the header`, 'Move it above the sections');
    else report(token.start, `the section @${name} does not exist`, suggestion(name));
  } else if (isSectionTag(name) && tag.value === '') {
    const hint = `Write \`-- @${name}\` on a separate line, or \\@${name} for plain text`;
    report(token.start, `@${name} does not start a section here`, hint);
  }
  return null;
}

function suggestion(name: string): string {
  return didYouMean(name, [...SECTION_TAGS, ...HEADER_TAGS]) ?? 'Write \\@ for text that starts with @';
}

function wordsOf(token: Token, bytes: Buffer): string {
  const text = bytes.toString('utf8', token.start + 2, token.end);
  return token.comment === 'line' ? text.replace(/^-+/, '').trim() : text.replace(/^\*+|\*+\/$/g, '').trim();
}

function startOfLine(bytes: Buffer, at: number): number {
  return at === 0 ? 0 : bytes.lastIndexOf(10, at - 1) + 1;
}
