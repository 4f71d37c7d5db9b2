import type { Problem } from '../errors/error.js';
import { Lexer } from '../sql/lexer.js';
import { lexicalRefusal, lineCounter, refuseNul } from '../sql/refusal.js';
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
  /** Nothing but comments and semicolons. */
  readonly empty: boolean;
  /** Empty on purpose: its first comment says `nothing`. */
  readonly nothing: boolean;
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
  const place = { file, line: 1 };
  refuseNul(text, place);
  const header = readHeader(text, file, 'sql');
  const lexer = new Lexer(text);
  const below = walk(lexer, header.end, file);
  if (lexer.failure !== null) throw await lexicalRefusal(text, lexer.failure, place);
  return { header, ...below };
}

interface OpenSection {
  readonly name: SectionName;
  readonly value: string;
  readonly tagLine: number;
  readonly from: number;
  empty: boolean;
  nothing: boolean | null;
}

function walk(lexer: Lexer, headerEnd: number, file: string): Omit<SectionedFile, 'header'> {
  const { text } = lexer;
  const sections: RawSection[] = [];
  const problems: Problem[] = [];
  const lineOf = lineCounter(text, 1);
  const report = (at: number, message: string, hint: string): void => {
    problems.push({ code: 'bad_header', file, line: lineOf(at), message, hint });
  };
  let open: OpenSection | null = null;
  let told = false;
  while (lexer.next()) {
    const { start, end, kind } = lexer;
    if (start < headerEnd) continue;
    if (kind !== 'line-comment' && kind !== 'block-comment') {
      if (open !== null) open.empty &&= lexer.is(';');
      else if (!told) report(start, 'this SQL is outside all sections', 'Put -- @upgrade on a line above it');
      told ||= open === null;
      continue;
    }
    const tag = tagOf(lexer, report);
    if (tag === null) {
      if (open !== null) open.nothing ??= open.empty && /^nothing\b/i.test(wordsIn(lexer));
      continue;
    }
    if (open !== null) sections.push(closed(open, text, startOfLine(text, start)));
    open = {
      ...tag,
      tagLine: lineOf(start),
      from: Math.min(end + 1, text.length),
      empty: true,
      nothing: null,
    };
    // What an earlier section set for its strings holds for that one only.
    lexer.backslashes = false;
  }
  if (open !== null) sections.push(closed(open, text, text.length));
  return { sections, problems };
}

function closed({ from, nothing, ...open }: OpenSection, text: string, to: number): RawSection {
  return {
    ...open,
    nothing: open.empty && nothing === true,
    line: open.tagLine + 1,
    sql: text.slice(from, Math.max(from, to)).trimEnd(),
  };
}

type ReportAt = (at: number, message: string, hint: string) => void;

/** The section tag of a comment, or null; what only looks like one is reported. */
function tagOf(lexer: Lexer, report: ReportAt): { name: SectionName; value: string } | null {
  const { text, start, kind } = lexer;
  const tag = readTag(wordsIn(lexer));
  if (tag === null) return null;
  const { name } = tag;
  const ownLine = text.slice(startOfLine(text, start), start).trim() === '';
  if (kind === 'line-comment' && ownLine) {
    if (isSectionTag(name)) return { name, value: tag.value };
    if (HEADER_TAGS.has(name)) report(start, `@${name} is below the header`, 'Move it above the sections');
    else report(start, `the section @${name} does not exist`, suggestion(name));
  } else if (isSectionTag(name) && tag.value === '') {
    const hint = `Write \`-- @${name}\` on a separate line, or \\@${name} for plain text`;
    report(start, `@${name} does not start a section here`, hint);
  }
  return null;
}

function suggestion(name: string): string {
  return didYouMean(name, [...SECTION_TAGS, ...HEADER_TAGS]) ?? 'Write \\@ for text that starts with @';
}

function wordsIn({ text, start, end, kind }: Lexer): string {
  const inside = text.slice(start + 2, end);
  return kind === 'line-comment'
    ? inside.replace(/^-+/, '').trim()
    : inside.replace(/^\*+|\*+\/$/g, '').trim();
}

function startOfLine(text: string, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
}
