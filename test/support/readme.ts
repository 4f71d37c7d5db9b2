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

/** The commands that a fixture's README gives, without `npx revgraph`, as a shell would cut them. */
export function commandsOf(folder: string): string[][] {
  const lines = blocks(readFileSync(join(folder, 'README.md'), 'utf8'), 'sh')
    .join('\n')
    .split('\n');
  return lines
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line.startsWith('npx revgraph '))
    .map((line) =>
      [...line.slice('npx revgraph '.length).matchAll(/"([^"]*)"|(\S+)/g)].map(([, a, b]) => a ?? b ?? ''),
    );
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
 */
export async function followReadme(
  folder: string,
  url: string,
  between: (ran: Ran) => Promise<void> = async () => {},
): Promise<Ran[]> {
  const all: Ran[] = [];
  for (const args of commandsOf(folder)) {
    const { exitValue, stdout, stderr } = await run(folder, args, { DATABASE_URL: url });
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
