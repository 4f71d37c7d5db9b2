import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { RevgraphError } from '../../errors/error.js';
import { pause } from './pause.js';

export interface DirectoryLock {
  release(): void;
}

const POLL_MS = 100;

/**
 * Locks a directory for this process by a lock on the file `lock` in it. The lock is the kernel's: it ends with the
 * process, however that ends, and a process that computes for minutes without a pause keeps it.
 *
 * @param waitMs how long to wait for another process
 * @param onBusy told once who holds it, when waiting begins
 * @throws `embedded_busy`; `aborted`
 */
export async function lockDirectory(
  directory: string,
  waitMs: number,
  onBusy?: (holder: string) => void,
  signal?: AbortSignal,
): Promise<DirectoryLock> {
  // @ts-expect-error the package has no types
  const { default: native } = (await import('fs-native-extensions')) as unknown as {
    default: { tryLock(fd: number): boolean; unlock(fd: number): void };
  };
  const file = join(directory, 'lock');
  const fd = open(file);
  const begun = Date.now();
  let told = false;
  while (!native.tryLock(fd)) {
    const holder = readHolder(file);
    if (!told) onBusy?.(holder);
    told = true;
    const waitedMs = Date.now() - begun;
    if (waitedMs >= waitMs) {
      closeSync(fd);
      throw new RevgraphError('embedded_busy', { directory, holder, waitedMs });
    }
    const during = `while waiting for ${holder}, which has the embedded database open`;
    await pause(POLL_MS, signal, { during, applied: [], remaining: [] }).catch((error: unknown) => {
      closeSync(fd);
      throw error;
    });
  }
  ftruncateSync(fd, 0);
  writeSync(fd, `process ${process.pid}`, 0);
  return {
    release: () => {
      native.unlock(fd);
      closeSync(fd);
    },
  };
}

function open(file: string): number {
  try {
    // Never truncated at open: the holder's name is in it.
    return openSync(file, 'a+');
  } catch (error) {
    throw new RevgraphError('file_unwritable', { file, reason: (error as Error).message }, { cause: error });
  }
}

function readHolder(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim() || 'another process';
  } catch {
    return 'another process';
  }
}
