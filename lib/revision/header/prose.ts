import { idProblem } from '../../graph/name.js';
import type { CommentLine } from './comment.js';
import type { PlacedTag, Report } from './tag-lines.js';

/** Alembic's docstring and variables: they look like names in the graph and are none. */
const FORMER: readonly { tag: string; pattern: RegExp }[] = [
  { tag: 'revision', pattern: /^revision(?:[ _]id)?\s*[:=]\s*(.+)$/i },
  { tag: 'revises', pattern: /^(?:revises|down[ _]revision)\s*[:=]\s*(.+)$/i },
  { tag: 'depends-on', pattern: /^depends[ _]on\s*[:=]\s*(.+)$/i },
];

const NONE: ReadonlySet<string> = new Set();

/**
 * First prose line beside the tags, or of the whole header where the tags stand alone. Lines without a letter or
 * digit are ornament. A backslash at the beginning says that the line is prose whatever it looks like.
 */
export function messageOf(lines: readonly CommentLine[]): string {
  const home = lines.find((line) => line.tag !== null)?.paragraph;
  const first =
    lines.find((line) => line.tag === null && line.paragraph === home && isProse(line.text)) ??
    lines.find((line) => line.tag === null && isProse(line.text));
  if (first === undefined) return '';
  return first.text.startsWith('\\') ? first.text.slice(1) : first.text;
}

/** Prose that needs the backslash to be read back as it is. */
export function escapedMessage(message: string): string {
  const plain = isProse(message) && !/^[\\@*/-]/.test(message) && formerName(message) === null;
  return plain || message === '' ? message : `\\${message}`;
}

/**
 * Reports ids and parents that are named in prose where the tag is missing: silence would make a base of them.
 * Returns these tags.
 */
export function proseProblems(
  lines: readonly CommentLine[],
  tags: readonly PlacedTag[],
  report: Report,
): ReadonlySet<string> {
  let named = NONE;
  for (const { text, tag, line } of lines) {
    const former = tag === null ? formerName(text) : null;
    if (former === null || tags.some(({ name }) => name === former.tag)) continue;
    named = new Set([...named, former.tag]);
    const what =
      former.tag === 'revision'
        ? 'the id is'
        : former.tag === 'revises'
          ? 'a parent is'
          : 'a prerequisite is';
    report(line, `${what} given in prose only`, `Write it as a tag: @${former.tag} ${former.ids.join(', ')}`);
  }
  return named;
}

/** Ids after `Revises:` and the like; null if these are just words. */
function formerName(text: string): { tag: string; ids: readonly string[] } | null {
  // Nearly all lines end here: R and D are what these begin with.
  if (text === '') return null;
  const first = text.charCodeAt(0) | 32;
  if (first !== 114 && first !== 100) return null;
  for (const { tag, pattern } of FORMER) {
    const value = pattern.exec(text)?.[1];
    if (value === undefined) continue;
    const ids = value
      .replace(/["'()[\]]/g, '')
      .replace(/,\s*$/, '')
      .trim()
      .split(/\s*,\s*/);
    if (ids.every((id) => idProblem(id) === null) && !ids.includes('None')) return { tag, ids };
  }
  return null;
}

function isProse(text: string): boolean {
  return text.startsWith('\\') || /[\p{L}\p{N}]/u.test(text);
}
