import { createHash } from 'node:crypto';
import { readCheckTag } from './check.js';
import type { Header } from './header/assemble.js';
import { readBatchTag } from './header/batch-tag.js';
import { leadingComments } from './header/comment.js';
import { SECTION_TAGS, type SectionName } from './header/tags.js';
import { type RawSection, splitSections } from './sections.js';
import { normalised } from './text.js';

/**
 * The checksum of a `.sql` revision: SHA-256 (64 hex digits) over what is run. Tokens as PostgreSQL's scanner
 * cuts them, the sections they stand in, expected values and `@transaction none` count. Comments, blanks, line
 * ends, titles, the order of sections and the rest of the header don't; parents are tracked apart.
 *
 * A string that is continued over lines ('a' ⏎ 'b') is one token, with its line break.
 *
 * @throws RevgraphError `statement_unparsable` or `statement_refused`
 */
export async function checksumSql(text: string, file = 'revision.sql'): Promise<string> {
  const { header, sections } = await splitSections(normalised(text), file);
  return checksumSections(sections, header.found?.header.transaction ?? 'auto');
}

/** {@link checksumSql} for sections that are cut already. */
export function checksumSections(
  sections: readonly Pick<RawSection, 'name' | 'value' | 'tokens'>[],
  transaction: Header['transaction'],
): string {
  const hash = createHash('sha256').update(`transaction ${transaction}`);
  const inOrder = [...sections].sort((a, b) => SECTION_TAGS.indexOf(a.name) - SECTION_TAGS.indexOf(b.name));
  for (const { name, value, tokens } of inOrder) {
    // NUL stands in no token and no token is empty: no two lists of sections give the same bytes. The number
    // that the scanner gives to a token is left out, since it changes with PostgreSQL's grammar.
    hash.update(`\0\0${name}\0${valueThatCounts(name, value)}`);
    for (const token of tokens) hash.update(`\0${token}`);
  }
  return hash.digest('hex');
}

/** Of the value of a tag, what changes the meaning: titles don't, nor does the size of a batch. */
function valueThatCounts(name: SectionName, value: string): string {
  if (name !== 'batch') return readCheckTag(value)?.expect ?? '-';
  const tag = readBatchTag(value);
  if (typeof tag === 'string') return value;
  const { title: _, size: __, ...counts } = tag;
  return JSON.stringify(counts);
}
/** The property of a check that a later revision ends, with one of the commas around it: it changes nothing of what is run. */
const UNTIL = /\s*\buntil:\s*(['"])[A-Za-z0-9_.]{1,64}\1\s*,|,\s*until:\s*(['"])[A-Za-z0-9_.]{1,64}\2/g;

/**
 * The checksum of a code revision: SHA-256 over the text below the leading comments, with LF. There is no
 * scanner for TypeScript here, so comments and formatting of the code itself count; a header or licence don't,
 * except for `@transaction none`; nor does `until: 'ID'`, which is added when a later revision ends a check.
 */
export function checksumCode(text: string, transaction: Header['transaction']): string {
  const whole = normalised(text);
  const { end } = leadingComments(whole, { mark: '//', nested: false, ends: () => false });
  return createHash('sha256')
    .update(`code ${transaction}\0${whole.slice(end).replace(UNTIL, '').trim()}`)
    .digest('hex');
}
