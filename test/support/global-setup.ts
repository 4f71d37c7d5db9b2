import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { emptyContents } from '../../lib/database/connection/instance.js';
import { fastFolder } from './fast-folder.js';
import { startServer } from './server.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** A superuser's URL of a real PostgreSQL server, started for this run. */
    serverUrl: string;
    /** A dumped, empty PGlite data directory: loading it takes a tenth of creating one. */
    pgliteTemplate: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // The command line is tested as it is shipped: compiled, and joined into few files.
  execFileSync(process.execPath, ['build.mjs'], { stdio: 'inherit' });
  // What the workers, and the programs that they start, call temporary.
  const before = tmpdir();
  process.env.TMPDIR = fastFolder();
  const folder = mkdtempSync(join(tmpdir(), 'revgraph-test-'));
  const server = await startServer(folder);
  const template = join(folder, 'pglite.tar');
  const empty = await emptyContents('PGlite for the tests');
  writeFileSync(template, Buffer.from(await empty.arrayBuffer()));
  project.provide('serverUrl', server.url);
  project.provide('pgliteTemplate', template);
  return async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
    if (tmpdir() !== before) rmSync(tmpdir(), { recursive: true, force: true });
  };
}
