import { distance } from 'fastest-levenshtein';

/** Tags of the header, the same in every kind of file. */
export const HEADER_TAGS: ReadonlySet<string> = new Set([
  'revision',
  'revises',
  'depends-on',
  'label',
  'transaction',
  'requires',
  'idempotent',
  'irreversible',
  'adopt',
  'loses',
  'background',
  'formerly',
  'replaces',
  'breaks-before',
  'catalogue',
]);

/** Tags that begin a section of a `.sql` file, in the order in which they are run. */
export const SECTION_TAGS = ['precheck', 'upgrade', 'batch', 'verify', 'probe', 'downgrade'] as const;

export type SectionName = (typeof SECTION_TAGS)[number];

const SECTIONS: ReadonlySet<string> = new Set(SECTION_TAGS);

export function isSectionTag(name: string): name is SectionName {
  return SECTIONS.has(name);
}

/** Words of other tools, too far from ours for the edit distance to find. */
const FOREIGN: ReadonlyMap<string, string> = new Map([
  ['up', 'upgrade'],
  ['down', 'downgrade'],
  ['id', 'revision'],
  ['parent', 'revises'],
  ['parents', 'revises'],
  ['down_revision', 'revises'],
  ['depends', 'depends-on'],
  ['requires-extension', 'requires'],
  ['no-transaction', 'transaction'],
  ['check', 'verify'],
]);

/** A tag line taken apart: `@revises a, b` → name `revises`, value `a, b`. */
export interface Tag {
  readonly name: string;
  readonly value: string;
}

/** Reads a line, blanks trimmed, as a tag. Null for text that is none. */
export function readTag(text: string): Tag | null {
  // The length first: to look behind the end of a string makes V8 throw its compiled code away.
  if (text.length < 2 || text.charCodeAt(0) !== 64 /* @ */ || !isLetter(text.charCodeAt(1))) return null;
  let end = text.indexOf(' ');
  if (end === -1) end = text.length;
  // A tab ends the name as well; seldom, and looked for here only.
  const tab = text.indexOf('\t');
  if (tab !== -1 && tab < end) end = tab;
  return { name: text.slice(1, end), value: end === text.length ? '' : text.slice(end).trim() };
}

/** “Did you mean @x?” for a tag that does not exist, or undefined where nothing is near. */
export function didYouMean(name: string, among: Iterable<string>): string | undefined {
  const known = [...among];
  const wanted = name.toLowerCase().replace(/:$/, '');
  const foreign = FOREIGN.get(wanted);
  if (foreign !== undefined && known.includes(foreign)) return `Did you mean @${foreign}?`;
  const near = known
    .map((tag) => ({ tag, far: distance(wanted.replaceAll('_', '-'), tag) }))
    .filter(({ tag, far }) => far <= Math.max(1, Math.floor(tag.length / 3)))
    .sort((a, b) => a.far - b.far)[0];
  return near === undefined ? undefined : `Did you mean @${near.tag}?`;
}

function isLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}
