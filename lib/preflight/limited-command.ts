import { spawn } from 'node:child_process';

const KEPT = 64 * 1024;
/** What it said is in the pipe when it has ended: to read that takes no time. */
const LATE_MS = 250;

/** What a command of the shell came to. */
export interface Ended {
  /** Null if a signal ended it, or it could not be started. */
  readonly exitValue: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/** Runs a command in a shell. When its time is over it is ended, with everything that it started. */
export function runLimited(command: string, timeoutMs: number): Promise<Ended> {
  return new Promise((resolve) => {
    // A group of its own: the shell alone would leave behind what it waits for.
    const detached = process.platform !== 'win32';
    const child = spawn(command, { shell: true, detached, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    let timedOut = false;
    for (const name of ['stdout', 'stderr'] as const)
      child[name].on('data', (data) => {
        said[name] = (said[name] + String(data)).slice(0, KEPT);
      });
    const timer = setTimeout(() => {
      timedOut = true;
      end();
    }, timeoutMs);
    const end = (): void => {
      try {
        if (detached && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        else child.kill('SIGKILL');
      } catch {
        // It has just ended by itself.
      }
    };
    const finish = (exitValue: number | null): void => {
      clearTimeout(timer);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ exitValue, ...said, timedOut });
    };
    child.once('error', (error) => {
      said.stderr ||= error.message;
      finish(null);
    });
    // What it left in the background may hold its output open for ever; it has ended in time all the same.
    child.once('exit', (value) => {
      clearTimeout(timer);
      const late = setTimeout(() => finish(value), LATE_MS);
      child.once('close', () => {
        clearTimeout(late);
        finish(value);
      });
    });
  });
}
