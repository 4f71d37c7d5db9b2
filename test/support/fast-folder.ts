import { chmodSync, mkdtempSync, readFileSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
const NEEDED_BYTES = 2 ** 30;

/**
 * A new folder in memory for what a run of the tests writes; where there is no such place with enough room, in which programs may
 * be started, the usual one. A disk takes 150 ms for the files of one database, and the tests make a thousand.
 */
export function fastFolder(): string {
  if (!hasRoom()) return tmpdir();
  const folder = mkdtempSync(join(MEMORY, 'revgraph-test-'));
  // A server may run as another user.
  chmodSync(folder, 0o711);
  return folder;
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    const mount = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .findLast(([, path]) => path === MEMORY);
    return bavail * bsize > NEEDED_BYTES && mount !== undefined && !/\b(noexec|ro)\b/.test(mount[3] ?? 'ro');
  } catch {
    return false;
  }
}
