import { type Problem, RevgraphError } from '../errors/error.js';
import type { BatchSection } from './batches.js';
import { makeCheck, ONCE, readCheckTag } from './check.js';
import { checksumSections } from './checksum.js';
import { BATCH_FORM, readBatchTag } from './header/batch-tag.js';
import { ruleProblems } from './header/rules.js';
import type { SectionName } from './header/tags.js';
import type { Check, Section, SqlBody } from './revision.js';
import { type RawSection, splitSections } from './sections.js';

/**
 * The body of a `.sql` revision.
 *
 * @param text the whole file, normalised
 * @throws RevgraphError `graph_invalid` with all that is wrong with the sections; `statement_unparsable` or
 *   `statement_refused` where PostgreSQL's scanner can't go on
 */
export async function readSqlBody(text: string, file: string): Promise<SqlBody> {
  const { header, sections, problems: stray } = await splitSections(text, file);
  const problems: Problem[] = [...header.problems, ...stray];
  const report = (line: number, message: string, hint: string): void => {
    problems.push({ code: 'bad_header', file, line, message, hint });
  };
  for (const section of sections) reportValue(section, report);
  for (const section of sections) reportEmpty(section, report);
  reportRepeated(sections, report);
  const named = (name: SectionName): RawSection[] => sections.filter((section) => section.name === name);
  const has = (name: SectionName): boolean => named(name).length > 0;
  const { found } = header;
  if (found !== null) {
    const parts = {
      upgrade: has('upgrade') || has('batch'),
      downgrade: has('downgrade'),
      verify: has('verify'),
      batch: has('batch'),
    };
    for (const rule of ruleProblems(parts, found, (part) => `@${part} section`)) {
      report(found.line, rule.message, rule.hint);
    }
  }
  if (has('upgrade') && has('batch'))
    report(named('batch')[0]?.tagLine ?? 1, '@batch and @upgrade exclude each other', BATCHES_ALONE);
  if (problems.length > 0 || found === null) throw new RevgraphError('graph_invalid', { problems });
  let checksum: string | null = null;
  return {
    kind: 'sql',
    upgrade: sectionOf(named('upgrade')) ?? joined(named('batch')),
    batches: named('batch').map((section) => batchOf(section, file)),
    downgrade: sectionOf(named('downgrade')),
    precheck: named('precheck').map((section) => checkOf(section, file)),
    verify: named('verify').map((section) => checkOf(section, file)),
    probe: sectionOf(named('probe')),
    // Asked for by what compares with older records, and the whole file has to be gone through for it.
    get checksum() {
      checksum ??= checksumSections(sections, found.header.transaction);
      return checksum;
    },
  };
}

const BATCHES_ALONE =
  'Batches commit one by one. Move statements that run before or after them to a separate revision';

type Report = (line: number, message: string, hint: string) => void;

function isCheck({ name }: RawSection): boolean {
  return name === 'precheck' || name === 'verify';
}

function reportValue(section: RawSection, report: Report): void {
  const { name, value, tagLine } = section;
  if (isCheck(section)) {
    const words = readCheckTag(value);
    if (words === null)
      report(
        tagLine,
        `@${name} is not valid`,
        `Write \`-- @${name} "title" expect VALUE\`; the default is expect true${name === 'verify' ? '; add `until ID` if a later revision makes it obsolete' : ''}`,
      );
    else if (name === 'precheck' && words.until !== null)
      report(tagLine, `@precheck does not accept until: ${ONCE}`, 'Remove it');
  } else if (name === 'batch') {
    const tag = readBatchTag(value);
    if (typeof tag === 'string')
      report(tagLine, `@batch ${tag}`, `Write \`${BATCH_FORM}\`; table and key are required`);
  } else if (value !== '') {
    report(
      tagLine,
      `@${name} takes no value, found ${JSON.stringify(value)}`,
      'Put the SQL on the next line',
    );
  }
}

function reportEmpty({ name, empty, nothing, tagLine }: RawSection, report: Report): void {
  const mayBe = name === 'upgrade' || name === 'downgrade';
  if (!empty || (mayBe && nothing)) return;
  const onPurpose = mayBe ? '. If it does nothing on purpose, write `-- nothing` below it' : '';
  const hint =
    name === 'downgrade'
      ? `Write the SQL below it, or remove the section and add @irreversible "why" to the header${onPurpose}`
      : `Write the SQL below it${mayBe ? onPurpose : ', or remove the section'}`;
  report(tagLine, `section @${name} is empty`, hint);
}

function reportRepeated(sections: readonly RawSection[], report: Report): void {
  const first = new Map<SectionName, number>();
  for (const section of sections) {
    const { name, tagLine } = section;
    const before = first.get(name);
    if (before === undefined) first.set(name, tagLine);
    else if (!isCheck(section) && name !== 'batch')
      report(tagLine, `section @${name} is repeated`, `It is already on line ${before}`);
  }
}

function sectionOf([section]: readonly RawSection[]): Section | null {
  return section === undefined ? null : { sql: section.sql, line: section.line };
}

/** The text of all batches: what the revision runs, for whoever asks what kind it is. */
function joined(sections: readonly RawSection[]): Section | null {
  const [first] = sections;
  if (first === undefined) return null;
  return { sql: sections.map(({ sql }) => sql.replace(/;\s*$/, '')).join(';\n'), line: first.line };
}

function batchOf({ value, sql, line }: RawSection, file: string): BatchSection {
  const tag = readBatchTag(value);
  if (typeof tag === 'string') throw new RevgraphError('internal', { reason: `@batch ${tag}` });
  return { ...tag, sql, line, file };
}

function checkOf({ value, sql, line }: RawSection, file: string): Check {
  const tag = readCheckTag(value) ?? { title: value, expect: 'true', until: null };
  return makeCheck({ ...tag, sql, line }, file);
}
