import parse from 'yargs-parser';
import type { Verb } from './command.js';
import { assertSingle, GLOBAL_OPTIONS, type Globals, PARSER_CONFIGURATION } from './globals.js';
import { assertSwitches } from './switches.js';

const NO_LISTS: ReadonlySet<string> = new Set();

type Flags = Globals & Record<string, unknown>;

/** A command that is typed often, with nothing but global options: where it is, and what yargs would fill in. */
interface Quick {
  readonly load: () => Promise<object>;
  readonly verb: string;
  /** Flags made of the words behind the command; null if there are more than it takes. */
  readonly flags: (words: readonly string[]) => Record<string, unknown> | null;
}

const noWords = (words: readonly string[]): Record<string, unknown> | null =>
  words.length === 0 ? {} : null;
const lists = (verb: string): Quick => ({ load: () => import('./commands/list.js'), verb, flags: noWords });

const QUICK: ReadonlyMap<string, Quick> = new Map([
  ['heads', lists('heads')],
  ['bases', lists('bases')],
  ['branches', lists('branches')],
  ['current', { load: () => import('./commands/status.js'), verb: 'current', flags: noWords }],
  [
    'status',
    {
      load: () => import('./commands/status.js'),
      verb: 'status',
      flags: (words) => (words.length === 0 ? { exitCode: false } : null),
    },
  ],
  [
    'upgrade',
    {
      load: () => import('./commands/upgrade.js'),
      verb: 'command',
      flags: (target) => ({ target, dryRun: false, sql: false }),
    },
  ],
]);

/**
 * Some commands are typed, and called at start-up, so often that the time to load yargs counts. This reads the same
 * options with yargs' own parser, and leaves whatever is out of the ordinary to yargs.
 *
 * @returns the verb and its flags, or null
 */
export async function quickly(args: readonly string[]): Promise<{ verb: Verb; flags: Globals } | null> {
  const [name] = args;
  const quick = name === undefined ? undefined : QUICK.get(name);
  if (quick === undefined) return null;
  const names = Object.entries(GLOBAL_OPTIONS);
  const of = (type: string): string[] =>
    names.flatMap(([option, given]) => (given.type === type ? [option] : []));
  const { argv, error } = parse.detailed([...args], {
    string: [...of('string'), '_'],
    boolean: of('boolean'),
    alias: { yes: ['y'] },
    default: { json: false, quiet: false, yes: false },
    configuration: PARSER_CONFIGURATION,
  });
  const known = new Set(['_', 'y', 'versionTable', ...Object.keys(GLOBAL_OPTIONS)]);
  const own = quick.flags(argv._.slice(1).map(String));
  const ordinary = Object.entries(argv).every(([key, value]) => known.has(key) && value !== '');
  if (error !== null || !ordinary || own === null) return null;
  assertSingle(argv, NO_LISTS);
  assertSwitches(args, [...of('boolean'), 'y']);
  const loaded = (await quick.load()) as Record<string, Verb>;
  const verb = loaded[quick.verb];
  return verb === undefined ? null : { verb, flags: { ...argv, ...own } as unknown as Flags };
}
