import yargs, { type Argv, type CommandModule } from 'yargs';
import { isRevgraphError, LIBRARY_VERSION, RevgraphError } from '../lib/index.js';
import { command as check } from './commands/check.js';
import { command as downgrade, undo } from './commands/downgrade.js';
import { command as init } from './commands/init.js';
import { bases, branches, heads, history, show } from './commands/list.js';
import { merge, revision } from './commands/revision.js';
import { command as stamp } from './commands/stamp.js';
import { current, status } from './commands/status.js';
import { command as upgrade } from './commands/upgrade.js';
import { withGlobals } from './globals.js';
import { interruptible } from './interrupt.js';

/** What a command's handler is given beside its own flags. */
export interface Invocation {
  readonly signal: AbortSignal;
  /** The exit value, 0 unless the command says otherwise. */
  exitValue: number;
}

const COMMANDS: readonly ((invocation: Invocation) => CommandModule)[] = [
  init,
  revision,
  merge,
  heads,
  bases,
  branches,
  history,
  show,
  current,
  status,
  upgrade,
  downgrade,
  undo,
  stamp,
  check,
];

/**
 * Runs a command line.
 * @param args without node and the script
 * @returns the exit value
 */
export async function main(args: readonly string[]): Promise<number> {
  const { signal, dispose } = interruptible();
  const invocation: Invocation = { signal, exitValue: 0 };
  try {
    await parser(args, invocation).parseAsync();
    return invocation.exitValue;
  } catch (error) {
    return report(error, wantsJson(args));
  } finally {
    dispose();
  }
}

function parser(args: readonly string[], invocation: Invocation): Argv {
  const base = withGlobals(yargs([...args]))
    .scriptName('revgraph')
    .usage('revgraph <command>\n\nPostgreSQL migrations as a revision graph with merge points.')
    .version(LIBRARY_VERSION)
    // Ids such as 0010 and 1e5 are text.
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'camel-case-expansion': true,
    })
    .recommendCommands()
    .strict()
    .demandCommand(1, 'Which command?')
    .help()
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      throw error ?? new RevgraphError('usage', { message: message ?? 'The command is not understood.' });
    });
  for (const command of COMMANDS) base.command(command(invocation));
  return base;
}

function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? undefined : end).some((arg) => arg === '--json' || arg === '--json=true');
}

/** Prints an error and answers its exit value. A mistake of ours shows a stack only if REVGRAPH_DEBUG is set. */
function report(thrown: unknown, json: boolean): number {
  const error = isRevgraphError(thrown) ? thrown : unexpected(thrown);
  if (json) process.stdout.write(`${JSON.stringify(error.toJSON(), null, 2)}\n`);
  else process.stderr.write(`${error.message}\n${error.hint === null ? '' : `→ ${error.hint}\n`}`);
  if (process.env.REVGRAPH_DEBUG !== undefined) process.stderr.write(`${(thrown as Error).stack}\n`);
  return error.exitValue;
}

function unexpected(thrown: unknown): RevgraphError {
  const { name, message } = thrown as Error;
  if (name === 'YError') return new RevgraphError('usage', { message });
  return new RevgraphError('internal', { reason: message }, { cause: thrown });
}
