import { type Paint, PLAIN } from '../lib/render/lists.js';
import type { Globals } from './globals.js';

/** Where a command's words go. With `--json`, stdout is one document and nothing else. */
export interface Output {
  readonly json: boolean;
  readonly terminal: boolean;
  readonly paint: Paint;
  /** A result, for people. */
  text(line: string): void;
  /** The result, for programs. */
  document(value: unknown): void;
  /** Beside the result, on stderr. */
  aside(line: string): void;
}

export async function openOutput({
  json,
  quiet,
  color,
}: Pick<Globals, 'json' | 'quiet' | 'color'>): Promise<Output> {
  const terminal = process.stdout.isTTY === true;
  const wanted = color ?? (terminal && process.env.NO_COLOR === undefined);
  return {
    json,
    terminal,
    paint: wanted && !json ? await colours() : PLAIN,
    text: (line) => {
      if (!json) process.stdout.write(`${line}\n`);
    },
    document: (value) => {
      if (json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    aside: (line) => {
      if (!quiet) process.stderr.write(`${line}\n`);
    },
  };
}

async function colours(): Promise<Paint> {
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  return { id: chalk.yellow, mark: chalk.cyan, dim: chalk.dim, bad: chalk.red, good: chalk.green };
}
