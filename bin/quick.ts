import parse from 'yargs-parser';
import type { Verb } from './command.js';
import type { Globals } from './globals.js';
import { GLOBAL_OPTIONS, PARSER_CONFIGURATION } from './globals.js';

const QUICK = new Set(['heads', 'bases', 'branches']);

/**
 * The lists are typed often and need no more than a look at some files: half of their time would go into loading yargs.
 * This reads the same options with yargs' own parser, and leaves whatever is out of the ordinary to yargs.
 *
 * @returns the verb and its flags, or null
 */
export async function quickly(args: readonly string[]): Promise<{ verb: Verb; flags: Globals } | null> {
  const [name] = args;
  if (name === undefined || !QUICK.has(name)) return null;
  const names = Object.entries(GLOBAL_OPTIONS);
  const of = (type: string): string[] =>
    names.flatMap(([option, given]) => (given.type === type ? [option] : []));
  const { argv, error } = parse.detailed([...args], {
    string: of('string'),
    boolean: of('boolean'),
    alias: { yes: ['y'] },
    default: { json: false, quiet: false, yes: false },
    configuration: PARSER_CONFIGURATION,
  });
  const known = new Set(['_', 'y', 'versionTable', ...Object.keys(GLOBAL_OPTIONS)]);
  const ordinary = argv._.length === 1 && Object.keys(argv).every((key) => known.has(key)) && !hasEmpty(argv);
  if (error !== null || !ordinary) return null;
  const lists = (await import('./commands/list.js')) as unknown as Record<string, Verb>;
  const verb = lists[name];
  return verb === undefined ? null : { verb, flags: argv as unknown as Globals };
}

/** `--revisions` without a folder: yargs says it better. */
function hasEmpty(argv: Record<string, unknown>): boolean {
  return Object.values(argv).includes('');
}
