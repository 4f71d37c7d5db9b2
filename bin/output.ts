import { type Paint, PLAIN } from '../lib/render/lists.js';
import { inLine, printable } from '../lib/render/words.js';
import { advisor, type Place } from './advice.js';
import type { Documents } from './documents.js';
import type { Globals } from './globals.js';

/** Standard output as it was before anything was turned aside. */
const write = process.stdout.write.bind(process.stdout);

let unprinted: { readonly file: string; readonly error: NodeJS.ErrnoException } | null = null;

/**
 * What can't be printed must not end what is being done: a run goes on to its end. A reader that has gone (`| head`) is no
 * error at all; anything else, such as a full disk, is told of at the end by `whatWasNotPrinted`.
 */
export function outlivePrinting(): void {
  const outlive = (file: string) => (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') unprinted ??= { file, error };
  };
  process.stdout.on('error', outlive('standard output'));
  process.stderr.on('error', outlive('standard error'));
}

export function whatWasNotPrinted(): typeof unprinted {
  return unprinted;
}

/** Prints the one document of `--json`. */
export function printDocument(value: unknown): void {
  write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Resolves when all that was written to standard output is out: a pipe takes 64 KB at a time. */
export function printed(): Promise<void> {
  return new Promise((resolve) => {
    write('', () => resolve());
  });
}

/** Where a command's words go. With `--json`, stdout is one document and nothing else. */
export interface Output {
  readonly json: boolean;
  readonly terminal: boolean;
  readonly quiet: boolean;
  readonly paint: Paint;
  /** A result, for people. */
  text(line: string): void;
  /** The same, of files and databases: no command in it is an advice of ours. */
  copy(line: string): void;
  /** The same for what another program reads: nothing is written out, unless a terminal has it. */
  exact(line: string): void;
  /** The result, for programs. */
  document<K extends keyof Documents>(of: K, value: Documents[K]): void;
  /** Beside the result, on stderr. */
  aside(line: string): void;
}

export async function openOutput({
  json,
  quiet,
  color,
  ...place
}: Pick<Globals, 'json' | 'quiet' | 'color'> & Place): Promise<Output> {
  const advise = advisor(place);
  const terminal = process.stdout.isTTY === true;
  const wanted = color ?? (terminal && process.env.NO_COLOR === undefined);
  const exact = (line: string): void => {
    if (!json) process.stdout.write(`${line}\n`);
  };
  const print = (line: string): void => exact(printable(line, wanted));
  // The code of a revision may print: with --json, stdout is one document and nothing else.
  if (json) process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  return {
    json,
    terminal,
    quiet,
    paint: wanted && !json ? await colours() : PLAIN,
    text: (line) => print(advise(line)),
    copy: print,
    exact: terminal ? print : exact,
    document: (_, value) => {
      if (json) printDocument(value);
    },
    aside: (line) => {
      if (!quiet) process.stderr.write(`${printable(advise(line), wanted)}\n`);
    },
  };
}

async function colours(): Promise<Paint> {
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  // One argument each: chalk would print what `map` passes beside it.
  return {
    id: (text) => chalk.yellow(inLine(text)),
    mark: (text) => chalk.cyan(text),
    dim: (text) => chalk.dim(text),
    bad: (text) => chalk.red(text),
    good: (text) => chalk.green(text),
  };
}
