import { createHash, type Hash } from 'node:crypto';
import { RevgraphError } from '../errors/error.js';
import { Lexer } from '../sql/lexer.js';
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

/** What counts of a section: its SQL, or words in its place. */
export type Counted = Pick<RawSection, 'name' | 'value'> &
  ({ readonly sql: string } | { readonly words: readonly string[] });

/**
 * {@link checksumSql} for sections that are cut already.
 * @param options `open`: semicolons at the end of a section don't count. Default false
 */
export function checksumSections(
  sections: readonly Counted[],
  transaction: Header['transaction'],
  { open = false }: { open?: boolean } = {},
): string {
  const hash = createHash('sha256').update(`transaction ${transaction}`);
  const inOrder = [...sections].sort((a, b) => SECTION_TAGS.indexOf(a.name) - SECTION_TAGS.indexOf(b.name));
  for (const section of inOrder) {
    const { name, value } = section;
    hash.update(beginningOf(name, value));
    if ('sql' in section) updateWithTokens(hash, section.sql, open);
    else for (const word of section.words) hash.update(`\0${word}`);
  }
  return hash.digest('hex');
}

/** Tokens go into the hash some thousands at once: each call costs more than a token. */
const AT_ONCE = 4096;

function updateWithTokens(hash: Hash, sql: string, open: boolean): void {
  const lexer = new Lexer(sql);
  let words: string[] = [];
  let semicolons = '';
  while (lexer.next()) {
    if (lexer.kind === 'line-comment' || lexer.kind === 'block-comment') continue;
    if (open && lexer.is(';')) {
      semicolons += '\0;';
      continue;
    }
    if (semicolons !== '') words.push(semicolons);
    semicolons = '';
    words.push('\0', lexer.word);
    if (words.length < AT_ONCE) continue;
    hash.update(words.join(''));
    words = [];
  }
  if (lexer.failure !== null)
    throw new RevgraphError('internal', { reason: `a section is no SQL: ${lexer.failure.reason}` });
  hash.update(words.join(''));
}

/**
 * Where a part of an upgrade may end, and the checksum of an upgrade that ends there (see {@link checksumSections}, `open`).
 * `words`: those of the last statement of the part, in small letters.
 */
export function* endsOf(
  sql: string,
  transaction: Header['transaction'],
): Generator<{ readonly end: number; readonly checksum: string; readonly words: readonly string[] }> {
  const hash = createHash('sha256').update(`transaction ${transaction}${beginningOf('upgrade', '')}`);
  const lexer = new Lexer(sql);
  let semicolons = '';
  let words: string[] = [];
  const here = (end: number) => ({ end, checksum: hash.copy().digest('hex'), words });
  while (lexer.next()) {
    if (lexer.kind === 'line-comment' || lexer.kind === 'block-comment') continue;
    if (lexer.is(';')) {
      if (words.length > 0) yield here(lexer.end);
      semicolons += '\0;';
      words = [];
      continue;
    }
    hash.update(`${semicolons}\0${lexer.word}`);
    semicolons = '';
    words.push(lexer.word.toLowerCase());
  }
  if (words.length > 0) yield here(sql.length);
}

/**
 * NUL stands in no token and no token is empty: no two lists of sections give the same bytes. The number that the scanner gives to
 * a token is left out, since it changes with PostgreSQL's grammar.
 */
const beginningOf = (name: SectionName, value: string): string =>
  `\0\0${name}\0${valueThatCounts(name, value)}`;

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
