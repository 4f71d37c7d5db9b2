import { readFileSync } from 'node:fs';
import type { MatrixExpectation, MatrixStart } from '../config/matrix.js';
import { isFile } from '../config/matrix.js';
import { rebuildStatements } from '../database/throwaway/rebuild.js';
import { isRevgraphError, RevgraphError } from '../errors/error.js';
import { newestFirst } from '../project/releases.js';
import { normalised } from '../revision/text.js';
import { withoutRestrict } from '../sql/psql.js';
import { createdExtensions, splitStatements } from '../sql/statements.js';
import type { MatrixOptions } from './result.js';

/** A start as the paths need it: its scripts are read, its kind is known. */
export interface Start {
  readonly name: string;
  /** Scripts to be run in an empty database. */
  readonly scripts: readonly StartScript[];
  /** Revisions that a fresh upgrade makes it of, instead of scripts. */
  readonly revisions: readonly string[];
  readonly stamp: MatrixStart['stamp'];
  readonly expect: MatrixExpectation;
  /** Run what a false version table left out, before the upgrade. */
  readonly repair: boolean;
  readonly downgrade: boolean;
}

export interface StartScript {
  /** Its file, or what it is, for messages. */
  readonly file: string;
  readonly sql: string;
}

/** One start and one target. */
export interface MatrixCase {
  readonly start: string;
  readonly target: string;
}

const FRESH = 'fresh';
const DEFAULT_TARGET = 'heads';

/** Versions in their order. */
function versionsOf(releases: MatrixOptions['releases']): string[] {
  return newestFirst(releases ?? {}).toReversed();
}

const releaseName = (version: string): string => `release ${version}`;

/**
 * Names of the starts × targets, in the order of the rows: as written, then fresh, then the releases. Reads nothing.
 * @throws `usage`
 */
export function casesOf(options: MatrixOptions): MatrixCase[] {
  const names = namesOf(options);
  const wanted = options.only ?? names;
  for (const name of wanted) if (!names.includes(name)) throw unknownStart(name, names);
  if (wanted.length === 0)
    throw new RevgraphError('usage', {
      message: 'The matrix has no starts.',
      hint: 'Configure matrix.starts, or use `fresh`.',
    });
  for (const check of options.checks ?? [])
    for (const name of check.starts ?? []) if (!names.includes(name)) throw unknownStart(name, names);
  const targets = options.targets ?? [];
  return names
    .filter((name) => wanted.includes(name))
    .flatMap((start) =>
      (targets.length === 0 ? [DEFAULT_TARGET] : targets).map((target) => ({ start, target })),
    );
}

function namesOf({ starts = {}, fresh = true, releaseStarts = true, releases }: MatrixOptions): string[] {
  const names = [
    ...Object.keys(starts),
    ...(fresh ? [FRESH] : []),
    ...(releaseStarts ? versionsOf(releases).map(releaseName) : []),
  ];
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return names;
  throw new RevgraphError('usage', {
    message: `The matrix already has a built-in start named ${JSON.stringify(twice)}.`,
    hint: 'Rename your start, or switch off the built-in one with `fresh: false` or `releases: false`.',
  });
}

function unknownStart(name: string, names: readonly string[]): RevgraphError {
  return new RevgraphError('unknown_start', { start: name, starts: names });
}

/** Reads what the named starts need. @throws `usage` for a file that can't be read */
export function readStarts(options: MatrixOptions, names: ReadonlySet<string>): Map<string, Start> {
  const { starts = {}, releases = {} } = options;
  const given = Object.entries(starts).map(([name, start]) =>
    names.has(name) ? fixture(name, start) : null,
  );
  const made = versionsOf(releases).map((version) =>
    replayed(releaseName(version), [releases[version] ?? []].flat()),
  );
  const all = [...given, replayed(FRESH, []), ...made].filter((start) => start !== null);
  return new Map(all.filter(({ name }) => names.has(name)).map((start) => [start.name, start]));
}

function replayed(name: string, revisions: readonly string[]): Start {
  return { name, scripts: [], revisions, stamp: undefined, expect: {}, repair: false, downgrade: true };
}

function fixture(name: string, { sql, facts, rows, stamp, expect, repair, downgrade }: MatrixStart): Start {
  const planted = [rows ?? []].flat().map((one) => (isFile(one) ? read(one, name) : text(one, name)));
  const made = facts === undefined ? [] : [rebuilt(read(facts, name))];
  const scripts = [...made, ...[sql ?? []].flat().map((file) => read(file, name)), ...planted];
  const rest = { stamp, expect: expect ?? {}, repair: repair ?? false, downgrade: downgrade ?? true };
  return { name, scripts, revisions: [], ...rest };
}

/** A file of facts as the script that makes them. */
function rebuilt({ file, sql }: StartScript): StartScript {
  const statements = rebuildStatements(sql.split('\n').filter((line) => line !== ''));
  return { file, sql: statements.map((statement) => `${statement};\n`).join('') };
}

const text = (sql: string, start: string): StartScript => ({ file: `rows of ${start}`, sql });

function read(file: string, start: string): StartScript {
  try {
    return { file, sql: withoutRestrict(normalised(readFileSync(file, 'utf8'))) };
  } catch (error) {
    throw new RevgraphError(
      'usage',
      {
        message: `Start ${JSON.stringify(start)} needs ${file}, which could not be read: ${(error as Error).message}.`,
        hint: 'Check the path. Paths in a configuration are relative to its file.',
      },
      { cause: error },
    );
  }
}

/** The extensions that scripts create. A script that can't be parsed has none: it fails when its start is restored. */
export async function extensionsOf(starts: Iterable<Start>): Promise<Set<string>> {
  const extensions = new Set<string>();
  const seen = new Set<string>();
  for (const { file, sql } of [...starts].flatMap(({ scripts }) => scripts)) {
    if (seen.has(file)) continue;
    seen.add(file);
    const statements = await splitStatements(sql, { file, line: 1 }).catch((error: unknown) => {
      if (isRevgraphError(error)) return [];
      throw error;
    });
    for (const name of createdExtensions(statements)) extensions.add(name);
  }
  return extensions;
}
