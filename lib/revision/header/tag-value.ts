import { idProblem, RESERVED } from '../../graph/name.js';

/** A value, or what is wrong with it and what to write instead. */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly hint?: string };

const DEPENDENCY = /^\??[^\s,@?]+(?:@head)?$/;
const SENTENCE = /^"((?:[^"\\]|\\.)*)"$/;

/** `a, b c` → `['a', 'b', 'c']`. */
export function words(value: string): string[] {
  return /[\s,]/.test(value)
    ? value.split(/[\s,]+/).filter((word) => word !== '')
    : value === ''
      ? []
      : [value];
}

/** Parents: ids only, each once. */
export function readParents(list: readonly string[]): Reading<readonly string[]> {
  return readIds('revises', list);
}

/** Ids, each once. */
export function readIds(
  tag: 'revises' | 'formerly' | 'replaces',
  list: readonly string[],
): Reading<readonly string[]> {
  for (const id of list) {
    const problem = idProblem(id);
    if (problem === 'illegal_revision_id') {
      return bad(`@${tag} names ${JSON.stringify(id)}, which is not a valid id`, `Write ids: @${tag} ID, ID`);
    }
    if (problem === 'reserved_id')
      return bad(`@${tag} names ${id}, which is a reserved word of targets`, hintFor(tag, id));
  }
  return once(`@${tag}`, list);
}

/** Prerequisites: ids, labels, `label@head`; `?` before one makes it optional. */
export function readDependencies(list: readonly string[]): Reading<readonly string[]> {
  for (const name of list) {
    if (!DEPENDENCY.test(name)) {
      return bad(
        `@depends-on has the invalid name ${JSON.stringify(name)}`,
        'Write an ID, a LABEL or LABEL@head. Write ?ID if the revision may be missing',
      );
    }
  }
  return once('@depends-on', list);
}

/** Labels; which characters are legal is the graph's to say. A target would never mean one that is a word of targets. */
export function readLabels(list: readonly string[]): Reading<readonly string[]> {
  const reserved = list.find((label) => RESERVED.has(label));
  if (reserved !== undefined)
    return bad(`@label names ${reserved}, which is a reserved word of targets`, 'Choose another label');
  return once('@label', list);
}

/** `postgres RANGE`, `extension NAME`, `privilege WORDS` or `backfill REVISION`. The range itself is judged when a plan is checked. */
export function readRequirement(value: string, line: number): Reading<Requirement> {
  const [kind = '', ...rest] = value.split(/\s+/);
  const what = rest.join(' ');
  if (kind === '') return bad('@requires has no value', REQUIREMENT_HINT);
  if (what === '' && ['postgres', 'extension', 'privilege', 'backfill'].includes(kind)) {
    return bad(`@requires ${kind} has no value`, REQUIREMENT_HINT);
  }
  if (kind === 'postgres') return { ok: true, value: { kind, range: what, line } };
  if (kind === 'privilege') return { ok: true, value: { kind, privilege: what, line } };
  if (kind === 'backfill') return { ok: true, value: { kind, revision: what, line } };
  if (kind !== 'extension') return bad(`@requires ${JSON.stringify(kind)} is not known`, REQUIREMENT_HINT);
  if (rest.length > 1)
    return bad('@requires extension names several', 'Write one @requires line per extension');
  return { ok: true, value: { kind, name: what.replace(/^"(.+)"$/, '$1'), line } };
}

const REQUIREMENT_HINT = 'Write `postgres >=14`, `extension NAME`, `privilege WORDS` or `backfill REVISION`';

/** A sentence in double quotes (`\"` for a quote inside); without quotes, the rest of the line. */
export function readSentence(tag: string, value: string): Reading<string> {
  const quoted = SENTENCE.exec(value)?.[1];
  if (quoted === undefined && value.startsWith('"')) return bad(`@${tag} has an unclosed quote`);
  const sentence = (quoted === undefined ? value : unescaped(quoted)).trim();
  return sentence === ''
    ? bad(`@${tag} requires a text`, `Write @${tag} "why"`)
    : { ok: true, value: sentence };
}

/** Takes back the backslashes of a double-quoted text. */
export function unescaped(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}

/** `skip "why"`. */
export function readCatalogueTag(value: string): Reading<string> {
  const [, why] = /^skip\b\s*(.*)$/.exec(value) ?? [];
  if (why !== undefined) return readSentence('catalogue skip', why);
  return bad(
    value === '' ? '@catalogue has no value' : `@catalogue does not accept ${JSON.stringify(value)}`,
    'Write @catalogue skip "why"',
  );
}

const VERSION = /^v?\d+(?:\.\d+){0,2}(?:[-+][0-9A-Za-z.+-]+)?$/;

/** A version of the product. */
export function readVersion(value: string): Reading<string> {
  return VERSION.test(value)
    ? { ok: true, value }
    : bad(
        value === ''
          ? '@breaks-before has no value'
          : `@breaks-before does not accept ${JSON.stringify(value)}`,
        'Write the first version of the product that runs on the new schema: @breaks-before 2.4.0',
      );
}

function once(tag: string, list: readonly string[]): Reading<readonly string[]> {
  const twice = list.length < 2 ? undefined : list.find((name, at) => list.indexOf(name) !== at);
  return twice === undefined ? { ok: true, value: list } : bad(`${tag} names ${twice} twice`);
}

function hintFor(tag: string, id: string): string {
  return tag === 'revises' && id === 'base'
    ? 'A revision without parents has no @revises'
    : 'Write the id of the revision';
}

function bad(message: string, hint?: string): { ok: false; message: string; hint?: string } {
  return { ok: false, message, ...(hint === undefined ? {} : { hint }) };
}

/** What a server must have before step one of a plan. `line` is where the file says so, 0 for objects. */
export type Requirement =
  | { readonly kind: 'postgres'; readonly range: string; readonly line: number }
  | { readonly kind: 'extension'; readonly name: string; readonly line: number }
  | { readonly kind: 'privilege'; readonly privilege: string; readonly line: number }
  /** A revision with `@background` whose backfill must be finished and verified. */
  | { readonly kind: 'backfill'; readonly revision: string; readonly line: number };
