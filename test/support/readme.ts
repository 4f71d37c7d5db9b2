import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { run } from './command-line.js';

/** The blocks of a README by their language, in order; '' for a bare one. */
function blocks(text: string, language: string): string[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, found, body]) =>
    found === language ? [body as string] : [],
  );
}

const REVGRAPH = 'npx revgraph ';

/** The lines that a fixture's README gives to a shell, without comments. */
function linesOf(folder: string): string[] {
  return blocks(readFileSync(join(folder, 'README.md'), 'utf8'), 'sh')
    .join('\n')
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '');
}

/** A line as a shell would cut it. */
const words = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, a, b]) => a ?? b ?? '');

/** The commands that a fixture's README gives, without `npx revgraph`. */
export function commandsOf(folder: string): string[][] {
  return linesOf(folder)
    .filter((line) => line.startsWith(REVGRAPH))
    .map((line) => words(line.slice(REVGRAPH.length)));
}

/** What the README says will be seen, line by line. */
export function expectedOf(folder: string): string[] {
  return blocks(readFileSync(join(folder, 'README.md'), 'utf8'), '')
    .join('')
    .split('\n')
    .filter((line) => line.trim() !== '');
}

/** One command of a README that was run. */
export interface Ran {
  readonly command: string;
  readonly exitValue: number | null;
  /** Both streams. */
  readonly said: string;
}

/**
 * Runs the commands of a README one after the other, and looks for what it promises in the order in which it does.
 * @param between called after each
 * @param around what stands around them: more of the environment, and who runs the lines that are for another program
 */
export async function followReadme(
  folder: string,
  url: string,
  between: (ran: Ran) => Promise<void> = async () => {},
  around: { env?: Readonly<Record<string, string>>; other?: (words: string[]) => Promise<void> } = {},
): Promise<Ran[]> {
  const all: Ran[] = [];
  for (const line of linesOf(folder)) {
    if (!line.startsWith(REVGRAPH)) {
      if (around.other === undefined) throw new Error(`nobody runs ${line}`);
      await around.other(words(line));
      continue;
    }
    const args = words(line.slice(REVGRAPH.length));
    const { exitValue, stdout, stderr } = await run(folder, args, { ...around.env, DATABASE_URL: url });
    const ran = { command: args.join(' '), exitValue, said: `${stdout}${stderr}` };
    all.push(ran);
    await between(ran);
  }
  const said = all.map((one) => one.said).join('\n');
  let from = 0;
  for (const line of expectedOf(folder)) {
    const at = said.indexOf(line.trim(), from);
    expect(at, `${JSON.stringify(line)} is promised; said:\n${said.slice(from)}`).toBeGreaterThanOrEqual(0);
    from = at + line.trim().length;
  }
  return all;
}
