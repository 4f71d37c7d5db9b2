import { type Problem, RevgraphError } from '../errors/error.js';
import { makeCheck, readCheck, shape } from './check.js';
import { checksumCode } from './checksum.js';
import { ruleProblems } from './header/rules.js';
import { didYouMean, SECTION_TAGS } from './header/tags.js';
import { importCode } from './import.js';
import type { Check, CodeBody, Revision, RevisionFunction, Section } from './revision.js';

/** A code revision about to be imported. */
export interface CodeSource {
  readonly path: string;
  /** Its name for messages. */
  readonly file: string;
  readonly text: string;
  readonly found: Pick<Revision, 'revises' | 'header'>;
}

/**
 * Imports a `.ts`, `.js` or `.mjs` revision and takes what it exports: `upgrade` and `downgrade` (functions),
 * `precheck` and `verify` (one `{ title, sql, expect? }` or an array of them), `probe` (SQL).
 *
 * @throws RevgraphError `code_unloadable` if the import throws or an export has another shape;
 *   `graph_invalid` if what must be exported is not
 */
export async function readCodeBody({ path, file, text, found }: CodeSource): Promise<CodeBody> {
  const exported = await load(path, file);
  const wrong = (reason: string): RevgraphError<'code_unloadable'> =>
    new RevgraphError('code_unloadable', { file, reason });
  const lineOf = (words: string): number => lineWith(text, words);
  const take = { exported, file, wrong, lineOf };
  const body: CodeBody = {
    kind: 'code',
    upgrade: functionOf('upgrade', take),
    downgrade: functionOf('downgrade', take),
    precheck: checksOf('precheck', take),
    verify: checksOf('verify', take),
    probe: probeOf(take),
    checksum: checksumCode(text, found.header.transaction),
  };
  const problems = ruleProblems(
    { upgrade: body.upgrade !== null, downgrade: body.downgrade !== null, verify: body.verify.length > 0 },
    found,
    (part) => `export ${part}`,
  ).map(({ message, hint }): Problem => {
    return { code: 'bad_header', file, line: lineOf('@revision'), message, hint: misspelt(exported) ?? hint };
  });
  if (problems.length > 0) throw new RevgraphError('graph_invalid', { problems });
  return body;
}

interface Taking {
  readonly exported: ReadonlyMap<string, unknown>;
  readonly file: string;
  readonly wrong: (reason: string) => RevgraphError<'code_unloadable'>;
  readonly lineOf: (words: string) => number;
}

async function load(path: string, file: string): Promise<ReadonlyMap<string, unknown>> {
  try {
    return exportsOf(await importCode(path));
  } catch (error) {
    const said = error instanceof Error ? `${error.name}: ${error.message}` : `it threw ${String(error)}`;
    throw new RevgraphError(
      'code_unloadable',
      { file, reason: said.replace(/\s+/g, ' ').trim() },
      { cause: error },
    );
  }
}

/** A CommonJS file, and code compiled to it, has all of its exports in `default`. */
function exportsOf(module: Record<string, unknown>): ReadonlyMap<string, unknown> {
  const names = new Map(Object.entries(module));
  const inner = names.get('default');
  const bare = !SECTION_TAGS.some((name) => names.has(name));
  return bare && typeof inner === 'object' && inner !== null ? new Map(Object.entries(inner)) : names;
}

function functionOf(name: 'upgrade' | 'downgrade', { exported, wrong }: Taking): RevisionFunction | null {
  const value = exported.get(name);
  if (value === undefined) return null;
  if (typeof value === 'function') return (context) => value(context);
  throw wrong(`export ${name} is ${shape(value)}, not a function`);
}

function checksOf(name: 'precheck' | 'verify', { exported, file, wrong, lineOf }: Taking): readonly Check[] {
  const value = exported.get(name);
  if (value === undefined) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((one, at) => {
    const which = Array.isArray(value) ? `export ${name}[${at}]` : `export ${name}`;
    const parts = readCheck(one, name);
    if (typeof parts === 'string') throw wrong(`${which} ${parts}`);
    return makeCheck({ ...parts, line: lineOf(parts.title) }, file);
  });
}

function probeOf({ exported, wrong, lineOf }: Taking): Section | null {
  const value = exported.get('probe');
  if (value === undefined) return null;
  if (typeof value === 'string' && value.trim() !== '') return { sql: value, line: lineOf('probe') };
  throw wrong(`export probe is ${shape(value)}, not SQL`);
}

function misspelt(exported: ReadonlyMap<string, unknown>): string | null {
  for (const name of exported.keys()) {
    const near = SECTION_TAGS.some((tag) => tag === name) ? undefined : didYouMean(name, SECTION_TAGS);
    if (near !== undefined) return `It exports ${name}. ${near.replace('@', '')}`;
  }
  return null;
}

/** The line that has these words, 1 if none has: good enough to find a check again. */
function lineWith(text: string, words: string): number {
  const at = text.indexOf(words);
  return at === -1 ? 1 : text.slice(0, at).split('\n').length;
}
