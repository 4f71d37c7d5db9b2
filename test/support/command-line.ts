import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BINARY = fileURLToPath(new URL('../../dist/bin/revgraph.js', import.meta.url));

export interface Finished {
  readonly exitValue: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  /** What it has said so far. */
  readonly said: () => string;
  readonly finished: Promise<Finished>;
}

/** Starts the compiled command line in a folder, without a terminal and without this process' database variables. */
export function start(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Started {
  return startProgram(cwd, process.execPath, [BINARY, ...args], env);
}

/** Any program, likewise. */
export function startProgram(
  cwd: string,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Started {
  const { DATABASE_URL: _, NODE_ENV: __, ...inherited } = process.env;
  const child = spawn(program, [...args], {
    cwd,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const finished = new Promise<Finished>((resolve) => {
    child.on('close', (exitValue) => resolve({ exitValue, stdout, stderr }));
  });
  return { child, said: () => stdout + stderr, finished };
}

export function run(
  cwd: string,
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<Finished> {
  return start(cwd, args, env).finished;
}

/** Waits until a condition holds; for things that another process does. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  ms = 90_000,
): Promise<void> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
