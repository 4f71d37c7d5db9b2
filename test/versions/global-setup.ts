import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { TestProject } from 'vitest/node';
import { startServer, type TestServer } from '../support/server.js';
import { type Fetched, fetchPgDump, fetchServer } from './fetched.js';

export const MAJORS = [14, 15, 16, 17, 18] as const;

/** A server that answers at `url`, or why there is none. */
export type Place = { readonly version: string } & ({ readonly url: string } | { readonly why: string });

declare module 'vitest' {
  interface ProvidedContext {
    places: readonly Place[];
    pgDump: Fetched;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'revgraph-versions-'));
  const servers: TestServer[] = [];
  const places: Place[] = [];
  for (const major of MAJORS) {
    const got = fetchServer(major);
    const version = `PostgreSQL ${major}`;
    if ('why' in got) {
      places.push({ version, why: got.why });
      continue;
    }
    try {
      const server = await startServer(folder, got.root);
      servers.push(server);
      const exact = (JSON.parse(readFileSync(join(got.root, 'package.json'), 'utf8')) as { version: string })
        .version;
      places.push({ version: `PostgreSQL ${exact.replace(/\.\d+-.*/, '')}`, url: server.url });
    } catch (error) {
      places.push({ version, why: (error as Error).message });
    }
  }
  const template = join(folder, 'pglite.tar');
  const pglite = await PGlite.create();
  writeFileSync(template, Buffer.from(await (await pglite.dumpDataDir('none')).arrayBuffer()));
  await pglite.close();
  project.provide('pgliteTemplate', template);
  project.provide('places', places);
  project.provide('pgDump', fetchPgDump());
  return async () => {
    for (const server of servers) await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
