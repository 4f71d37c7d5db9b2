import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { EXIT, isRevgraphError, RevgraphError } from '../lib/index.js';
import { printable } from '../lib/render/words.js';
import { advisor, HEEDED, placeOf } from './advice.js';
import type { Invocation } from './command.js';
import { interruptible } from './interrupt.js';
import { openOutput, outlivePrinting, printDocument, printed, whatWasNotPrinted } from './output.js';
import { quickly } from './quick.js';

const args = withoutMark(process.argv.slice(2));
let finished = false;

/** Runs the command that was typed, and ends the process. */
export async function commandLine(): Promise<void> {
  outlivePrinting();
  const { signal, dispose } = interruptible();
  const invocation: Invocation = { args, signal, exitValue: 0 };

  // The code of a revision runs in this process: whatever it does, the command ends with a word and an exit value.
  process.on('uncaughtException', (thrown) => process.exit(report(outside(thrown))));
  process.on('unhandledRejection', (thrown) => {
    // A run reports by itself what its code did not look at.
    if (Object(thrown)[Symbol.for('revgraph.taken')] !== true) process.exit(report(outside(thrown)));
  });
  process.on('exit', (value) => {
    // A second Ctrl-C was meant to end it here.
    if (finished || value === EXIT.aborted) return;
    process.exitCode = report(new RevgraphError('ended_early', { what: 'the code of a revision' }));
  });

  try {
    const quick = await quickly(args);
    if (quick !== null) await quick.verb.run(quick.flags, await openOutput(quick.flags), invocation);
    else await (await import('./main.js')).runCommandLine(args, invocation);
    finished = true;
    process.exitCode = invocation.exitValue;
  } catch (thrown) {
    process.exitCode = report(thrown);
  } finally {
    dispose();
    await Promise.all([printed(), told()]);
    const unprinted = whatWasNotPrinted();
    if (unprinted !== null && process.exitCode === EXIT.done)
      process.exitCode = report(
        new RevgraphError('file_unwritable', { file: unprinted.file, reason: unprinted.error.message }),
      );
    // What is left of the embedded database would keep the process for another tenth of a second.
    process.exit();
  }
}

/** `--` in front of words that are no options anyway says nothing; yargs would count none of them. */
function withoutMark(typed: readonly string[]): readonly string[] {
  const mark = typed.indexOf('--');
  const isWord = (arg: string): boolean => !arg.startsWith('-') || /^-\d/.test(arg);
  return mark !== -1 && typed.slice(mark + 1).every(isWord) ? typed.toSpliced(mark, 1) : typed;
}

/** The same for standard error. */
function told(): Promise<void> {
  return new Promise((resolve) => {
    process.stderr.write('', () => resolve());
  });
}

/** What was thrown where nothing catches it: by code of the user's, if it has a place, and that is neither here nor in a package. */
function outside(thrown: unknown): unknown {
  if (isRevgraphError(thrown)) return thrown;
  const [, first = ''] = (thrown instanceof Error ? thrown.stack : undefined)?.split(/\n\s+at /) ?? [];
  const own = dirname(dirname(realpathSync(process.argv[1] as string)));
  if (thrown instanceof Error && (first === '' || first.includes(own) || /node:|node_modules/.test(first)))
    return thrown;
  const threw = thrown instanceof Error ? thrown.message : String(thrown);
  return new RevgraphError('ended_early', { what: 'the code of a revision', threw }, { cause: thrown });
}

/** Prints an error and answers its exit value. A stack is only shown if REVGRAPH_DEBUG is set. */
function report(thrown: unknown): number {
  finished = true;
  const error = isRevgraphError(thrown)
    ? thrown
    : new RevgraphError(
        'internal',
        { reason: (thrown as Error)?.message ?? String(thrown) },
        { cause: thrown },
      );
  if (wantsJson()) printDocument(error.toJSON());
  else process.stderr.write(`${printable(advisor(placeOf(args))(withOwnHelp(sentenceOf(error))))}\n`);
  if (process.env.REVGRAPH_DEBUG !== undefined) process.stderr.write(`${(thrown as Error)?.stack}\n`);
  return error.exitValue;
}

function sentenceOf({ message, hint }: RevgraphError): string {
  return hint === null ? message : `${message}\n→ ${hint}`;
}

/** The help of the command that was typed, and not of all of them. */
function withOwnHelp(sentence: string): string {
  const words = args.filter((arg) => !arg.startsWith('-'));
  const [verb = ''] = words;
  if (!Object.hasOwn(HEEDED, verb)) return sentence;
  const action = FAMILIES.includes(verb) && words[1] !== undefined ? ` ${words[1]}` : '';
  return sentence.replace('`revgraph --help`', `\`revgraph ${verb}${action} --help\``);
}

/** Commands whose second word is one too. */
const FAMILIES: readonly string[] = ['backfill', 'catalogue'];

function wantsJson(): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? undefined : end).some((arg) => arg === '--json' || arg === '--json=true');
}
