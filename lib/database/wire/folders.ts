import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Makes a folder and those above it. One by one: `mkdir` of Node with `recursive` never ends where a file system that makes no folders says that there is none. */
export function makeFolders(directory: string): void {
  const missing: string[] = [];
  for (let folder = resolve(directory); !existsSync(folder); folder = dirname(folder))
    missing.unshift(folder);
  for (const folder of missing) {
    try {
      mkdirSync(folder);
    } catch (error) {
      // Another process makes it at the same time.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
