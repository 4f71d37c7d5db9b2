import type { Argv, Options } from 'yargs';
import { OPTIONS, RevgraphError } from '../lib/index.js';
import { flag } from './flags.js';

/** Options that every command has. */
export interface Globals {
  readonly revisions?: string | undefined;
  readonly url?: string | undefined;
  readonly config?: string | undefined;
  readonly versionTable?: string | undefined;
  readonly role?: string | undefined;
  readonly schema?: string | undefined;
  /** Seconds. */
  readonly silenceTimeout?: number | undefined;
  /** Seconds. */
  readonly waitForDatabase?: number | undefined;
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
  readonly lock?: 'advisory' | 'transaction' | 'row' | 'off' | undefined;
  readonly lockWait?: number | undefined;
  readonly lockTimeout?: number | undefined;
  readonly statementTimeout?: number | undefined;
  readonly unknownRows?: 'refuse' | 'warn' | 'allow' | undefined;
  readonly edited?: 'refuse' | 'warn' | 'allow' | undefined;
  readonly missed?: 'refuse' | 'run' | undefined;
  readonly destructive?: 'warn' | 'ask' | 'refuse' | undefined;
  readonly background?: 'queue' | 'inline' | undefined;
  readonly dryRun: boolean;
  readonly sql: boolean;
  readonly preflight?: boolean | undefined;
  readonly verify?: boolean | undefined;
}

const { upgrade } = OPTIONS;

/** The global options, once: yargs reads them, and so does the quick way for lists. */
export const GLOBAL_OPTIONS: Readonly<Record<string, Options>> = {
  revisions: flag({ ...upgrade.revisions, type: 'text', default: './revisions' }),
  url: flag({ ...upgrade.database, type: 'text', default: '$DATABASE_URL, else pglite:.revgraph/db' }),
  config: flag({ type: 'text', help: 'Configuration file', default: 'revgraph.config.*' }),
  'version-table': flag(upgrade.versionTable),
  schema: flag(upgrade.schema),
  role: flag(upgrade.role),
  'wait-for-database': flag(upgrade.connectRetryMs),
  'silence-timeout': flag(upgrade.silenceTimeoutMs),
  json: { type: 'boolean', default: false, describe: 'Print one JSON document' },
  color: { type: 'boolean', describe: 'Colours  [default: on a terminal]' },
  quiet: { type: 'boolean', default: false, describe: 'Only results and errors' },
  yes: { alias: 'y', type: 'boolean', default: false, describe: 'Answer yes to questions' },
};

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

/** For what ends in an upgrade. */
export const VERIFY_FLAG: Readonly<Record<string, Options>> = { verify: flag(upgrade.verify) };

/** How often a backfill tells how far it is. */
export const PROGRESS = flag({
  type: 'ms',
  default: 10_000,
  help: 'Time between two lines of a backfill, without a terminal',
});

export function withRunFlags(yargs: Argv): Argv {
  return yargs.options({
    'dry-run': flag(upgrade.dryRun),
    sql: { type: 'boolean', default: false, describe: 'Print a script for psql, change nothing' },
    preflight: flag(upgrade.preflight),
    lock: flag(upgrade.lock),
    'lock-wait': flag(upgrade.lockWaitMs),
    'lock-timeout': flag(upgrade.lockTimeoutMs),
    'statement-timeout': flag(upgrade.statementTimeoutMs),
    background: flag(upgrade.background),
    progress: PROGRESS,
    'unknown-rows': flag(upgrade.unknownRows),
    edited: flag(upgrade.edited),
    missed: flag(upgrade.missed),
    destructive: flag(upgrade.destructive),
  });
}
