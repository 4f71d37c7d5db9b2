import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { findRings } from '../../lib/graph/cycle.js';
import { isRelative, read, resolved, type Source, type Sources, STATEMENT } from './sources.js';

/*
 * The house, held. The rules work on plain text, so that a made-up file can show that each one is able to fail.
 */

/** What a rule says of one file. */
type Rule = (file: string, source: Source) => string[];

/** The rooms from the top: a file imports from its own room and from those below it, types included. */
export const ROOMS: readonly string[] = [
  'bin',
  'testing',
  'testing/chaos',
  'index',
  'subpaths',
  'builders',
  'telemetry',
  'render/pages',
  'render/graph',
  'render',
  'commands',
  'boot',
  'matrix',
  'squash',
  'baseline',
  'background',
  'picture',
  'evidence/building',
  'evidence/mending',
  'evidence',
  'evidence/drift',
  'apply',
  'apply/script',
  'inspection',
  'access',
  'access/record',
  'preflight',
  'preflight/lines',
  'preflight/simulate',
  'config',
  'project',
  'backfill',
  'backfill/batch',
  'listeners',
  'run',
  'run/code',
  'revision',
  'revision/header',
  'sql/effects',
  'sql',
  'sql/outside',
  'database/throwaway',
  'database/batches',
  'database/bulk',
  'database/tables',
  'database/catalog',
  'database/locks',
  'database/mend',
  'database/connection',
  'database/wire',
  'database',
  'plan',
  'fingerprint/drift',
  'fingerprint',
  'graph',
  'options',
  'errors',
  'version',
];

/** Doors: they let in from outside, and nothing behind them goes out by them. */
const DOORS = ['index', 'subpaths', 'testing'];

/** Packages that are at home in some rooms only. */
const AT_HOME: readonly [RegExp, RegExp][] = [
  [/^(yargs|yargs-parser|chalk)$/, /^bin$/],
  [/^@opentelemetry\//, /^telemetry$/],
  [/^(pg|pg-mem|@electric-sql\/pglite)(\/|$)/, /^(database\/.*|testing(\/chaos)?)$/],
];

const PURE = [
  'graph',
  'plan',
  'fingerprint',
  'fingerprint/drift',
  'render',
  'render/graph',
  'render/pages',
  'errors',
  'preflight/simulate',
];
const FORBIDDEN_NAME = /(^|[-./])(utils?|helpers?|common|managers?)([-./]|$)|(^|\/)types\.ts$/;
export const LONGEST = 250;
export const MOST_FILES = 20;

/** A folder of `lib/` at any depth is a room; so is each of the files beside them, and `bin/` as a whole. */
const roomOf = (file: string): string => {
  if (file.startsWith('bin/')) return 'bin';
  const folder = posix.dirname(file.replace(/^lib\//, ''));
  return folder === '.' ? file.replace(/^lib\/|\.ts$/g, '') : folder;
};

const importRule: Rule = (file, { imports }) => {
  const room = roomOf(file);
  if (!ROOMS.includes(room)) return [`${file}: there is no room ${room}`];
  return imports.filter(isRelative).flatMap(({ from, isType }) => {
    const target = resolved(file, from);
    const to = roomOf(target);
    const below = to === room || ROOMS.indexOf(to) > ROOMS.indexOf(room);
    const door = DOORS.includes(to) && room !== 'bin' && !DOORS.includes(room);
    const past =
      room === 'bin' && !['bin', 'index', 'render', 'render/graph', 'render/pages', 'version'].includes(to);
    if (below && !door && !past) return [];
    return [`${file}: ${room} may not import ${isType ? 'types from ' : ''}${target}`];
  });
};

const packageRule: Rule = (file, { imports }) => {
  const room = roomOf(file);
  return imports
    .filter((one) => !isRelative(one))
    .flatMap(({ from }) => {
      const isForeign = AT_HOME.some(([name, rooms]) => name.test(from) && !rooms.test(room));
      const isNode = PURE.includes(room) && isBuiltin(from) && from !== 'node:crypto';
      return isForeign || isNode || from === 'revgraph' ? [`${file}: ${room} may not import ${from}`] : [];
    });
};

/** A verb is options, a result and one lazy import: what is behind it is loaded when it is called. */
const verbRule: Rule = (file, { imports }) =>
  roomOf(file) === 'commands'
    ? imports.flatMap(({ from, isType, isLazy }) =>
        isType || isLazy ? [] : [`${file}: a verb imports ${from} with import type or import() only`],
      )
    : [];

/** What a pattern finds in the code of some rooms. */
const codeRule =
  (pattern: RegExp, isIn: (room: string, file: string) => boolean, where = 'here'): Rule =>
  (file, { code }) =>
    isIn(roomOf(file), file)
      ? [...code.matchAll(pattern)].map(([found]) => `${file}: no ${found.trim()} ${where}`)
      : [];

const notBin = (room: string): boolean => room !== 'bin';

/** A program beside the command line: what a process under fire runs. */
const PROGRAM = 'lib/testing/chaos/replica.ts';

const RULES: readonly Rule[] = [
  importRule,
  packageRule,
  verbRule,
  codeRule(/\b(async|await|Promise)\b/g, (room) => PURE.includes(room)),
  codeRule(
    /\bconsole\b|\bprocess\s*\.\s*(exit|exitCode|on|once|stdout|stderr|stdin|argv)\b/g,
    (room, file) => notBin(room) && file !== PROGRAM,
  ),
  codeRule(/^(export )?(let|var) \w+|\bglobalThis\b/gm, notBin),
  codeRule(/^(export )?const \w+\b(?!: Readonly)[^=\n]*= new (Map|Set|WeakMap|WeakSet)\b/gm, notBin),
  // A regular expression, or a constant that is one, has an exec of its own.
  codeRule(
    /\.query\(|(?<!\/regexp\/|\b[A-Z][A-Z0-9_]*|\bpattern)\.exec\(/g,
    // What judges a run asks with a driver of its own.
    (room) => !room.startsWith('database') && room !== 'testing/chaos',
    'outside lib/database',
  ),
  // One place guards the caller's listener.
  codeRule(
    /\bonEvent\s*(\?\.)?\(/g,
    (_, file) => !/^bin\/|^lib\/listeners\/listen\.ts$/.test(file),
    'beside lib/listeners/listen.ts',
  ),
  codeRule(
    /\bexitValue\s*=\s*\d|\bconst [A-Z_]+ = \d\b|\bprocess\.exit\(\d/g,
    (_, file) => file.startsWith('bin/commands/'),
    'in a command: EXIT has the values',
  ),
  (file, { code }) =>
    /^lib\/(index|subpaths\/\w+)\.ts$/.test(file) && code.replace(STATEMENT, '').trim() !== ''
      ? [`${file}: re-exports only`]
      : [],
  (file, { text }) => {
    const lines = text.split('\n').length - 1;
    return lines > LONGEST ? [`${file}: ${lines} lines, ${LONGEST} are a room of their own`] : [];
  },
  // Were a literal taken for code, rules would look past what follows it.
  (file, { code }) => (/['`]|\/\*/.test(code) ? [`${file}: not understood by this test`] : []),
  (file) => (FORBIDDEN_NAME.test(file) ? [`${file}: a name that says nothing`] : []),
];

/** Rings of imports, those of types among them. */
function ringsOf(files: readonly string[], sources: readonly Source[]): string[] {
  const index = new Map(files.map((file, i) => [file, i]));
  const links = files.map((file, i) =>
    (sources[i] as Source).imports.flatMap((one) =>
      isRelative(one) ? (index.get(resolved(file, one.from)) ?? []) : [],
    ),
  );
  return findRings(links).map((ring) => `import ring: ${ring.map((i) => files[i]).join(' → ')}`);
}

function fullFolders(files: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const file of files) {
    const folder = posix.dirname(file);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts].flatMap(([folder, n]) =>
    n > MOST_FILES && !folder.startsWith('bin')
      ? [`${folder}: ${n} files, ${MOST_FILES} are a room's most`]
      : [],
  );
}

const DECLARED = /^export (?:declare |abstract )*(?:interface|type|class|enum) (\w+)/gm;

/** A name of a type means one thing. */
function namesakes(files: readonly string[], sources: readonly Source[]): string[] {
  const places = new Map<string, string[]>();
  for (const [i, file] of files.entries()) {
    if (!file.startsWith('lib/')) continue;
    for (const [, name = ''] of (sources[i] as Source).code.matchAll(DECLARED))
      places.set(name, [...(places.get(name) ?? []), file]);
  }
  return [...places].flatMap(([name, where]) =>
    where.length > 1 ? [`the type ${name} is declared in ${where.join(' and ')}`] : [],
  );
}

/** All that is not as it was drawn. */
export function violations(sources: Sources): string[] {
  const files = Object.keys(sources);
  const parsed = files.map((file) => read(sources[file] as string));
  const each = files.flatMap((file, i) => RULES.flatMap((rule) => rule(file, parsed[i] as Source)));
  return [...each, ...ringsOf(files, parsed), ...fullFolders(files), ...namesakes(files, parsed)];
}
