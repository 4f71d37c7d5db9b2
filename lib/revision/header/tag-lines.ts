import type { CommentLine } from './comment.js';
import { didYouMean, HEADER_TAGS, isSectionTag, SECTION_TAGS, type Tag } from './tags.js';

/** How a problem is told: line, what is wrong, what to do. */
export type Report = (line: number, message: string, hint?: string) => void;

/** A tag of a header and its line. */
export interface PlacedTag extends Tag {
  readonly line: number;
}

/** The tags of a header, each once but for `@requires`; reports unknown, repeated and misplaced ones. */
export function collectTags(
  lines: readonly CommentLine[],
  kind: 'sql' | 'code',
  report: Report,
): readonly PlacedTag[] {
  const tags: PlacedTag[] = [];
  for (const { tag, line } of lines) {
    if (tag === null) continue;
    const { name, value } = tag;
    const before = name === 'requires' ? undefined : tags.find((one) => one.name === name);
    if (isSectionTag(name)) reportSection(name, kind, line, report);
    else if (!HEADER_TAGS.has(name)) reportUnknown(name, kind, line, report);
    else if (before === undefined) tags.push({ name, value, line });
    else report(line, `@${name} is repeated`, `It is already on line ${before.line}`);
  }
  return tags;
}

function reportSection(name: string, kind: 'sql' | 'code', line: number, report: Report): void {
  if (kind === 'sql')
    report(line, `@${name} is inside the header`, `Write \`-- @${name}\` on a line below it`);
  else
    report(
      line,
      `@${name} is not a tag of code files`,
      `In code files, sections are exports: export ${name}`,
    );
}

function reportUnknown(name: string, kind: 'sql' | 'code', line: number, report: Report): void {
  const known = kind === 'sql' ? [...HEADER_TAGS, ...SECTION_TAGS] : HEADER_TAGS;
  report(
    line,
    `the tag @${name} does not exist`,
    didYouMean(name, known) ?? 'Write \\@ for text that starts with @',
  );
}
