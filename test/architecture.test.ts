import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findRings } from '../lib/graph/cycle.js';

/*
 * The house, held: which room may import which (design, section 3), and what may stand in a room at all. The rules work on
 * plain text, so that a made-up file can show that each one is able to fail.
 */

/** File → text. */
type Sources = Readonly<Record<string, string>>;
type Rule = (file: string, source: Source) => string[];

const LIBRARY = [
  'graph',
  'plan',
  'fingerprint',
  'revision',
  'database',
  'run',
  'backfill',
  'commands',
  'boot',
  'render',
];
const BELOW_COMMANDS = [
  'run',
  'backfill',
  'revision',
  'plan',
  'fingerprint',
  'graph',
  'database',
  'errors',
  'exit-values',
  'version',
];

/** Room → rooms that it may import. A folder of lib/ is a room, so are the files beside them; `render/…` is one file. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  bin: ['index', 'render'],
  index: [...LIBRARY, 'errors', 'version'],
  testing: [...LIBRARY, 'errors', 'version', 'index'],
  boot: ['commands', ...BELOW_COMMANDS],
  commands: BELOW_COMMANDS,
  backfill: ['run', 'revision', 'database', 'errors'],
  run: ['revision', 'plan', 'graph', 'database', 'errors', 'version'],
  revision: ['graph', 'errors'],
  plan: ['graph', 'errors'],
  fingerprint: ['graph', 'errors'],
  database: ['errors'],
  graph: ['errors'],
  errors: ['render/sentence', 'exit-values', 'error-details'],
  // What each code carries: types alone.
  'error-details': [],
  // The exhaustive table of design section 10, beside the codes that it is about.
  'exit-values': [],
  render: [],
  version: [],
};

/** The same for `import type`, beyond the table above. */
const MAY_IMPORT_TYPES: Readonly<Record<string, readonly string[]>> = {
  database: ['fingerprint'],
  render: [...LIBRARY, 'errors'],
  // What the code of a revision is given.
  revision: ['database'],
  'exit-values': ['errors'],
};

/** Packages that are at home in some rooms only. */
const AT_HOME: readonly [RegExp, readonly string[]][] = [
  [/^(yargs|yargs-parser|chalk)$/, ['bin']],
  [/^(pg|pg-mem|@electric-sql\/pglite)(\/|$)/, ['database', 'testing']],
];

const PURE = ['graph', 'plan', 'fingerprint', 'render'];
const SPEAKS_NO_SQL = ['run', 'commands', 'backfill', 'boot', ...PURE];
const SQL =
  /^\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|TRUNCATE|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|SET|LOCK|WITH)\b/;
const FORBIDDEN_NAME = /(^|[-./])(utils?|helpers?|common|managers?)([-./]|$)|(^|\/)types\.ts$/;
const LONGEST = 250;

interface Import {
  readonly from: string;
  readonly isType: boolean;
}

interface Source {
  readonly text: string;
  /** Without comments; string literals stand as `"§N"`. */
  readonly code: string;
  readonly strings: readonly string[];
  readonly imports: readonly Import[];
}

const TOKEN =
  /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<quoted>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|(?<regexp>(?<=(?:^|[=(,:[!&|?{};\n]|=>|return)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[dgimsuvy]*)|(?<tick>`)|(?<open>\{)|(?<close>\})/g;

/** Takes comments and literals out of the code. Template literals nest, so their ends are found with a stack. */
function read(text: string): Source {
  const strings: string[] = [];
  const stack: ('{' | '${')[] = [];
  let code = '';
  let at = 0;
  const keep = (literal: string): string => `"§${strings.push(literal) - 1}"`;
  const chunk = (from: number): number => {
    const end = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*/y;
    end.lastIndex = from;
    code += keep(end.exec(text)?.[0] ?? '');
    const isHole = text.startsWith('${', end.lastIndex);
    if (isHole) stack.push('${');
    return end.lastIndex + (isHole ? 2 : 1);
  };
  TOKEN.lastIndex = 0;
  for (let token = TOKEN.exec(text); token !== null; token = TOKEN.exec(text)) {
    const { comment, quoted, tick, open, close } = token.groups ?? {};
    code += text.slice(at, token.index);
    at = TOKEN.lastIndex;
    if (quoted !== undefined) code += keep(quoted.slice(1, -1));
    else if (tick !== undefined) at = chunk(at);
    else if (close !== undefined && stack.pop() === '${') at = chunk(at);
    else if (open !== undefined || close !== undefined) code += token[0];
    else if (comment === undefined) code += '/regexp/';
    if (open !== undefined) stack.push('{');
    TOKEN.lastIndex = at;
  }
  code += text.slice(at);
  return { text, code, strings, imports: importsOf(code, strings) };
}

const CLAUSE = '(?:[\\w$]+\\s*,?\\s*)?(?:\\{[^}]*\\}|\\*(?:\\s*as\\s+[\\w$]+)?)?';
const STATEMENT = new RegExp(`^(?:import|export)\\s+(type\\s+)?${CLAUSE}\\s*(?:from\\s*)?"§(\\d+)";?`, 'gm');
const CALL = /(typeof\s+)?\bimport\(\s*"§(\d+)"/g;

/** Static and dynamic imports and re-exports. `import { type A }` counts as value: it stays in what is compiled. */
const importsOf = (code: string, strings: readonly string[]): Import[] =>
  [...code.matchAll(STATEMENT), ...code.matchAll(CALL)].map(([, type, at]) => ({
    from: strings[Number(at)] as string,
    isType: type !== undefined,
  }));

const resolved = (file: string, from: string): string =>
  posix.join(posix.dirname(file), from).replace(/\.js$/, '.ts');

const roomOf = (file: string): string =>
  file.startsWith('bin/') ? 'bin' : file.replace(/^lib\//, '').replace(/(\/.*|\.ts)$/, '');

const isRelative = ({ from }: Import): boolean => from.startsWith('.');

const importRule: Rule = (file, { imports }) => {
  const room = roomOf(file);
  if (MAY_IMPORT[room] === undefined) return [`${file}: there is no room ${room}`];
  return imports.filter(isRelative).flatMap(({ from, isType }) => {
    const target = resolved(file, from);
    const to = roomOf(target);
    const allowed = [...(MAY_IMPORT[room] ?? []), ...((isType && MAY_IMPORT_TYPES[room]) || [])];
    const one = target.replace(/^lib\/|\.ts$/g, '');
    if (to === room || allowed.includes(to) || allowed.includes(one)) return [];
    return [`${file}: ${room} may not import ${isType ? 'types from ' : ''}${target}`];
  });
};

const packageRule: Rule = (file, { imports }) => {
  const room = roomOf(file);
  return imports
    .filter((one) => !isRelative(one))
    .flatMap(({ from }) => {
      const isForeign = AT_HOME.some(([name, rooms]) => name.test(from) && !rooms.includes(room));
      const isNode = PURE.includes(room) && isBuiltin(from) && from !== 'node:crypto';
      return isForeign || isNode || from === 'revgraph' ? [`${file}: ${room} may not import ${from}`] : [];
    });
};

/** What a pattern finds in the code of some rooms. */
const codeRule =
  (pattern: RegExp, isIn: (room: string) => boolean): Rule =>
  (file, { code }) =>
    isIn(roomOf(file))
      ? [...code.matchAll(pattern)].map(([found]) => `${file}: no ${found.trim()} here`)
      : [];

const sqlRule: Rule = (file, { strings }) =>
  SPEAKS_NO_SQL.includes(roomOf(file))
    ? strings
        .filter((text) => SQL.test(text))
        .map((text) => `${file}: SQL outside lib/database: ${text.slice(0, 40)}`)
    : [];

const RULES: readonly Rule[] = [
  importRule,
  packageRule,
  codeRule(/\b(async|await|Promise)\b/g, (room) => PURE.includes(room)),
  codeRule(
    /\bconsole\b|\bprocess\s*\.\s*(exit|exitCode|on|once|stdout|stderr|stdin|argv)\b/g,
    (room) => room !== 'bin',
  ),
  codeRule(/^(export )?(let|var) \w+|\bglobalThis\b/gm, (room) => room !== 'bin'),
  codeRule(
    /^(export )?const \w+\b(?!: Readonly)[^=\n]*= new (Map|Set|WeakMap|WeakSet)\b/gm,
    (room) => room !== 'bin',
  ),
  sqlRule,
  (file, { code }) =>
    file === 'lib/index.ts' && code.replace(STATEMENT, '').trim() !== '' ? [`${file}: re-exports only`] : [],
  (file, { text }) => {
    const lines = text.split('\n').length - 1;
    return lines > LONGEST ? [`${file}: ${lines} lines, ${LONGEST} are a room of their own`] : [];
  },
  // Were a literal taken for code, rules would look past what follows it.
  (file, { code }) => (/['`]|\/\*/.test(code) ? [`${file}: not understood by this test`] : []),
  (file) => (FORBIDDEN_NAME.test(file) ? [`${file}: a name that says nothing`] : []),
];

function ringsOf(files: readonly string[], sources: readonly Source[]): string[] {
  const index = new Map(files.map((file, i) => [file, i]));
  const links = files.map((file, i) =>
    (sources[i] as Source).imports.flatMap((one) =>
      one.isType || !isRelative(one) ? [] : (index.get(resolved(file, one.from)) ?? []),
    ),
  );
  return findRings(links).map((ring) => `import ring: ${ring.map((i) => files[i]).join(' → ')}`);
}

function violations(sources: Sources): string[] {
  const files = Object.keys(sources);
  const parsed = files.map((file) => read(sources[file] as string));
  const each = files.flatMap((file, i) => RULES.flatMap((rule) => rule(file, parsed[i] as Source)));
  return [...each, ...ringsOf(files, parsed)];
}

const house: Sources = Object.fromEntries(
  ['lib', 'bin']
    .flatMap((top) =>
      readdirSync(top, { recursive: true, encoding: 'utf8' }).map((path) => posix.join(top, path)),
    )
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .map((file) => [file, readFileSync(file, 'utf8')]),
);

test('the house is as it was drawn', () => {
  expect(Object.keys(house).length).toBeGreaterThan(50);
  expect(violations(house)).toEqual([]);
});

/** FILE ¦ what stands in it (↵ for a new line) ¦ what the rule that it breaks says. */
const BROKEN = `
lib/graph/a.ts    ¦ import { b } from '../plan/b.js';              ¦ graph may not import lib/plan/b.ts
lib/plan/a.ts     ¦ import type { B } from '../run/b.js';          ¦ plan may not import types from lib/run/b.ts
lib/run/a.ts      ¦ import { type B } from '../boot/b.js';         ¦ run may not import lib/boot/b.ts
lib/graph/a.ts    ¦ import {↵  b,↵  c,↵} from '../plan/b.js';      ¦ graph may not import lib/plan/b.ts
lib/database/a.ts ¦ export * from '../run/b.js';                   ¦ database may not import lib/run/b.ts
lib/run/a.ts      ¦ const b = await import('../commands/b.js');    ¦ run may not import lib/commands/b.ts
lib/run/a.ts      ¦ import { b } from '../index.js';               ¦ run may not import lib/index.ts
lib/run/a.ts      ¦ import { b } from 'revgraph';                  ¦ run may not import revgraph
bin/a.ts          ¦ import { b } from '../lib/run/b.js';           ¦ bin may not import lib/run/b.ts
lib/testing/a.ts  ¦ import { b } from '../../bin/b.js';            ¦ testing may not import bin/b.ts
lib/errors.ts     ¦ import { b } from './render/plan.js';          ¦ errors may not import lib/render/plan.ts
lib/render/a.ts   ¦ import { b } from '../plan/b.js';              ¦ render may not import lib/plan/b.ts
lib/attic/a.ts    ¦ const a = 1;                                   ¦ there is no room attic
lib/commands/a.ts ¦ import yargs from 'yargs';                     ¦ commands may not import yargs
lib/render/a.ts   ¦ import 'chalk';                                ¦ render may not import chalk
lib/run/a.ts      ¦ const pg = await import('pg');                 ¦ run may not import pg
lib/graph/a.ts    ¦ import { join } from 'node:path';              ¦ graph may not import node:path
lib/graph/a.ts    ¦ import { join } from 'path';                   ¦ graph may not import path
lib/plan/a.ts     ¦ export async function a() {}                   ¦ no async here
lib/graph/a.ts    ¦ type A = Promise<void>;                        ¦ no Promise here
lib/run/a.ts      ¦   console.log('a');                            ¦ no console here
lib/run/a.ts      ¦ process.exit(1);                               ¦ no process.exit here
lib/boot/a.ts     ¦ process.on('SIGINT', stop);                    ¦ no process.on here
lib/run/a.ts      ¦ let cached = 1;                                ¦ no let cached here
lib/run/a.ts      ¦ const cache = new Map();                       ¦ no const cache = new Map here
lib/run/a.ts      ¦ query('SELECT 1');                             ¦ SQL outside lib/database: SELECT 1
lib/commands/a.ts ¦ query(\`↵  DELETE FROM \${a}\`);               ¦ SQL outside lib/database
lib/boot/a.ts     ¦ a = \`\${{ b: query('COMMIT') }}\`;            ¦ SQL outside lib/database: COMMIT
lib/index.ts      ¦ export { a } from './errors.js';↵export default a; ¦ re-exports only
lib/run/a-utils.ts ¦ const a = 1;                                  ¦ a name that says nothing
lib/run/types.ts  ¦ const a = 1;                                   ¦ a name that says nothing
lib/run/a.ts      ¦ const a = b / 'c;                              ¦ not understood by this test
`;

/** What looks like a breach and is none. */
const SOUND = `
comments            ¦ // import { b } from '../boot/b.js';↵/* console.log */↵/**↵let it be */
strings             ¦ const text = "console.log(1)";↵const more = \`↵let us import('../boot/b.js') \${1} console\`;
regular expressions ¦ const quote = /['"\`]/;↵const next = [/[/'"]/, /console/];
types of neighbours ¦ import type { B } from './b.js';↵type C = typeof import('../plan/b.js');
words inside words  ¦ const consoles = updates;↵  let inner = 1;
constants           ¦ const WORDS: ReadonlySet<string> = new Set(['a']);
`;

const table = (text: string): string[][] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.split('¦').map((cell, i) => (i === 1 ? cell.replace(/ /, '') : cell).trimEnd()))
    .map((cells) => cells.map((cell) => cell.replaceAll('↵', '\n')));

describe('every rule is able to fail', () => {
  test.each(table(BROKEN))('%s: %s', (file = '', text = '', found = '') => {
    expect(violations({ [file]: text })).toEqual([expect.stringContaining(found.trim())]);
  });

  test('an import ring', () => {
    const a = "import { b } from './b.js';";
    const b = "const a = await import('./a.js');";
    expect(violations({ 'lib/run/a.ts': a, 'lib/run/b.ts': b })).toEqual([
      'import ring: lib/run/a.ts → lib/run/b.ts',
    ]);
    expect(violations({ 'lib/run/a.ts': a, 'lib/run/b.ts': "import type { A } from './a.js';" })).toEqual([]);
  });

  test('a file that has grown too long', () => {
    expect(violations({ 'lib/run/a.ts': '\n'.repeat(LONGEST) })).toEqual([]);
    expect(violations({ 'lib/run/a.ts': '\n'.repeat(LONGEST + 1) })).toEqual([
      expect.stringContaining('251'),
    ]);
  });

  test.each(table(SOUND))('and is not broken by %s', (_, text = '') => {
    expect(violations({ 'lib/run/a.ts': `${text}\n` })).toEqual([]);
  });
});
