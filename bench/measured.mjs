import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const PEAK = new URL('peak.mjs', import.meta.url).href;

const COMMAND_LINE = fileURLToPath(new URL('../dist/bin/revgraph.js', import.meta.url));

/**
 * Runs a Node program in a process of its own: what it printed, wall time in ms, most memory in MB.
 * @param aside it gets what others leave of the processor, as if it ran on another machine
 */
export async function measured(args, { aside = false, ...options } = {}) {
  const start = performance.now();
  const child = spawn(process.execPath, ['--import', PEAK, ...args], {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  if (aside) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  const [printed, complaint, peak, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    text(child.stdio[3]),
    once(child, 'exit'),
  ]);
  if (status !== 0) throw new Error(`${args.join(' ')} failed: ${complaint}${printed}`);
  return { printed, ms: performance.now() - start, peak: Number(peak) };
}

/** Runs the command line on a project's folder and a database. */
export const revgraph = (folder, url, args, options = {}) =>
  measured([COMMAND_LINE, ...args], { ...options, cwd: folder, env: { ...process.env, DATABASE_URL: url } });
