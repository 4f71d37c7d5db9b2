import { expect } from 'vitest';
import { run } from './command-line.js';

/** The words of a command line, as a shell cuts them. */
export const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? (plain as string));

/** Whether words are a command of revgraph with options that it has. What it would find needs a database; this does not. */
export async function expectUnderstood(folder: string, args: readonly string[]): Promise<void> {
  const { exitValue, stdout } = await run(folder, [...args, '--help']);
  expect([exitValue, stdout]).toEqual([0, expect.stringContaining(`revgraph ${args[0]}`)]);
  for (const flag of args.filter((arg) => arg.startsWith('--'))) expect(stdout).toContain(flag);
}
