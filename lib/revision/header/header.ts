import type { Problem } from '../../errors/error.js';
import { assemble, type FoundHeader } from './assemble.js';
import { type CommentLine, leadingComments } from './comment.js';
import { proseProblems } from './prose.js';
import { collectTags, type Report } from './tag-lines.js';
import { HEADER_TAGS, isSectionTag, type Tag } from './tags.js';

/** The outcome of {@link readHeader}: `found`, or at least one problem. */
export interface HeaderReading {
  readonly found: FoundHeader | null;
  readonly problems: readonly Problem[];
  /** Offset of what follows the header, and its line. */
  readonly end: number;
  readonly endLine: number;
  /** False if the text was too short to hold the whole header: read on and ask again. */
  readonly finished: boolean;
}

/**
 * Reads the header of a revision file: the leading comments of a `.sql` file (`--` lines and block comments, up
 * to the first section), in code the first comment that has `@revision`. Nothing else of the text is looked at.
 *
 * @param text the file or its beginning; CRLF and a byte order mark are fine
 * @param file the name for messages
 */
export function readHeader(text: string, file: string, kind: 'sql' | 'code'): HeaderReading {
  const comments = leadingComments(text, kind === 'sql' ? SQL : CODE);
  const problems: Problem[] = [];
  const report = (line: number, message: string, hint?: string): void => {
    problems.push({ code: 'bad_header', file, line, message, ...(hint === undefined ? {} : { hint }) });
  };
  const lines = kind === 'sql' ? comments.lines : headerComment(comments.lines, report);
  if (comments.open !== null) report(comments.open, 'this comment is not closed');
  const { end, endLine, finished } = comments;
  if (lines.length === 0) {
    report(1, 'the file has no header', 'Start the file with a comment that has the line @revision ID');
    return { found: null, problems, end, endLine, finished };
  }
  const tags = collectTags(lines, kind, report);
  const inProse = proseProblems(lines, tags, report);
  const found = assemble(tags, lines, { file, kind, problems, report, inProse });
  if (problems.length > 1) problems.sort((a, b) => lineOf(a) - lineOf(b));
  return { found: problems.length === 0 ? found : null, problems, end, endLine, finished };
}

const lineOf = (problem: Problem): number => ('line' in problem ? (problem.line ?? 0) : 0);

const SQL = {
  mark: '--',
  nested: true,
  ends: (tag: Tag): boolean => isSectionTag(tag.name),
} as const;
const CODE = { mark: '//', nested: false, ends: (): boolean => false } as const;

/** In code other comments may stand around the header, a licence before it and the words for a function after. */
function headerComment(lines: readonly CommentLine[], report: Report): readonly CommentLine[] {
  const named = (line: CommentLine): string => line.tag?.name ?? '';
  const chosen =
    lines.find((line) => named(line) === 'revision') ??
    lines.find((line) => HEADER_TAGS.has(named(line)) || isSectionTag(named(line))) ??
    lines[0];
  for (const line of lines) {
    // JSDoc has @requires and @label of its own; the other names can only be meant for us.
    const name = named(line);
    if (
      line.comment !== chosen?.comment &&
      HEADER_TAGS.has(name) &&
      name !== 'requires' &&
      name !== 'label'
    ) {
      report(line.line, `@${name} is outside the header`, 'Put all tags of the header into one comment');
    }
  }
  return lines.filter((line) => line.comment === chosen?.comment);
}
