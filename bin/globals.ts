import type { Argv, Options } from 'yargs';
import { RevgraphError } from '../lib/index.js';

/** Options that every command has. */
export interface Globals {
  readonly revisions?: string | undefined;
  readonly url?: string | undefined;
  readonly config?: string | undefined;
  readonly versionTable?: string | undefined;
  readonly schema?: string | undefined;
  readonly json: boolean;
  readonly color?: boolean | undefined;
  readonly quiet: boolean;
  readonly yes: boolean;
}

/** How often a backfill tells how far it is, where there is no terminal. */
export interface ProgressFlag {
  /** Seconds. */
  readonly progress?: number | undefined;
}

/** Options of the commands that run something. */
export interface RunFlags extends ProgressFlag {
  readonly lock?: 'advisory' | 'off' | undefined;
  readonly lockWait?: number | undefined;
  readonly lockTimeout?: number | undefined;
  readonly statementTimeout?: number | undefined;
  readonly unknownRows?: 'refuse' | 'warn' | 'allow' | undefined;
  readonly background?: 'queue' | 'inline' | undefined;
  readonly dryRun: boolean;
  readonly sql: boolean;
  readonly preflight?: boolean | undefined;
  readonly verify?: boolean | undefined;
}

/** The global options, once: yargs reads them, and so does the quick way for lists. */
export const GLOBAL_OPTIONS = {
  revisions: {
    type: 'string',
    requiresArg: true,
    describe: 'Folder of the revisions  [default: ./revisions]',
  },
  url: {
    type: 'string',
    requiresArg: true,
    describe:
      'Database: postgresql://… or pglite:DIRECTORY  [default: $DATABASE_URL, else pglite:.revgraph/db]',
  },
  config: { type: 'string', requiresArg: true, describe: 'Configuration file  [default: revgraph.config.*]' },
  'version-table': {
    type: 'string',
    requiresArg: true,
    describe: 'Version table  [default: revgraph_version]',
  },
  schema: {
    type: 'string',
    requiresArg: true,
    describe: 'Schema of the version table, and first of the search path',
  },
  json: { type: 'boolean', default: false, describe: 'Print one JSON document' },
  color: { type: 'boolean', describe: 'Colours  [default: on a terminal]' },
  quiet: { type: 'boolean', default: false, describe: 'Only results and errors' },
  yes: { alias: 'y', type: 'boolean', default: false, describe: 'Answer yes to questions' },
} as const satisfies Readonly<Record<string, Options>>;

/** Ids such as 0010 and 1e5 are text. */
export const PARSER_CONFIGURATION = {
  'parse-numbers': false,
  'parse-positional-numbers': false,
} as const;

/**
 * Options that take one value and were given several: none of them is what is meant for sure.
 * @param lists options that may be repeated, and words, of which there may be several
 * @throws `usage`, naming the option as it is declared
 */
export function assertSingle(flags: object, lists: ReadonlySet<string>): void {
  const repeated = Object.entries(flags).filter(
    ([name, value]) => Array.isArray(value) && name !== '_' && name !== '--' && !lists.has(name),
  );
  if (repeated.length === 0) return;
  // An option is there under its short name and in camel case as well.
  const names = repeated.map(([name]) => name).filter((name) => name === name.toLowerCase());
  const [longest = ''] = names.sort((a, b) => b.length - a.length);
  const dashes = longest.length === 1 ? '-' : '--';
  throw new RevgraphError('usage', {
    message: `${dashes}${longest} takes one value, and was given several.`,
    hint: 'Give it once.',
  });
}

export function withGlobals(yargs: Argv): Argv {
  return yargs.options(GLOBAL_OPTIONS).group(Object.keys(GLOBAL_OPTIONS), 'Global options:');
}

/** PostgreSQL keeps timeouts as milliseconds in 32 bits. */
const MOST_SECONDS = 2_147_483;

/** A number of seconds, which the parser leaves as text. */
export const seconds = (describe: string): Options => ({
  type: 'string',
  requiresArg: true,
  describe,
  coerce: each(toSeconds),
});

function toSeconds(value: string): number {
  const number = Number(value);
  if (!Number.isFinite(number) || number < 0 || number > MOST_SECONDS || value.trim() === '')
    throw new Error(`${JSON.stringify(value)} is not a number of seconds between 0 and ${MOST_SECONDS}`);
  return number;
}

/** Values of an option made into something else; a repeated one stays a list, which is refused with all others. */
export function each<T>(convert: (value: string) => T): (typed: string | string[] | undefined) => unknown {
  return (typed) =>
    typed === undefined ? undefined : Array.isArray(typed) ? typed.map(convert) : convert(typed);
}

/** For what ends in an upgrade. */
export const VERIFY_FLAG = {
  verify: {
    type: 'boolean',
    default: true,
    describe: 'Ask the checks of all applied revisions when something was run',
  },
} as const satisfies Readonly<Record<string, Options>>;

export function withRunFlags(yargs: Argv): Argv {
  return yargs.options({
    'dry-run': { type: 'boolean', default: false, describe: 'Show the plan, change nothing' },
    sql: { type: 'boolean', default: false, describe: 'Print a script for psql, change nothing' },
    preflight: {
      type: 'boolean',
      default: true,
      describe: 'Look for what would fail before anything is run; --no-preflight does not',
    },
    lock: { choices: ['advisory', 'off'] as const, describe: 'How runs are kept apart  [default: advisory]' },
    'lock-wait': seconds('Seconds to wait for another run  [default: 300]'),
    'lock-timeout': seconds('Seconds a statement waits for a table lock  [default: 5]'),
    'statement-timeout': seconds('Seconds a statement may take  [default: no limit]'),
    background: {
      choices: ['queue', 'inline'] as const,
      describe:
        'Revisions that run in the background: leave them to `backfill work`, or run them in place  [default: queue]',
    },
    progress: seconds('Seconds between two lines of a backfill, without a terminal  [default: 10]'),
    'unknown-rows': {
      choices: ['refuse', 'warn', 'allow'] as const,
      describe: 'When the database holds revisions that the files do not have  [default: refuse]',
    },
  });
}
