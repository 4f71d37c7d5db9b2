import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { upgrade } from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* What a command loads is what it takes to start: it may not grow unnoticed. Time is for the benchmarks. */

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

/** Files that a command loads, and what they hold in KB. */
async function loadedBy(
  folder: string,
  args: readonly string[],
): Promise<{ modules: string[]; kilobytes: number }> {
  const coverage = mkdtempSync(join(tmpdir(), 'revgraph-loaded-'));
  try {
    expect(await run(folder, args, { NODE_V8_COVERAGE: coverage })).toMatchObject({ exitValue: 0 });
    const modules = readdirSync(coverage)
      .flatMap((file) => JSON.parse(readFileSync(join(coverage, file), 'utf8')).result)
      .flatMap(({ url }) => (String(url).startsWith('file:') ? [new URL(url).pathname] : []));
    const bytes = modules.reduce((sum, file) => sum + statSync(file).size, 0);
    return { modules, kilobytes: Math.round(bytes / 1024) };
  } finally {
    rmSync(coverage, { recursive: true, force: true });
  }
}

test.each([
  ['--version', [], 3, 5],
  ['heads', [], 15, 425],
  ['status', ['--url'], 19, 604],
  ['upgrade', ['--url'], 18, 701],
])('%s loads no more than it needs', async (command, more, files, size) => {
  const folder = folderWith({ 'revisions/a.sql': sql('a', { upgrade: 'CREATE TABLE t_a ();' }) });
  await upgrade({ revisions: join(folder, 'revisions'), database: database.url });
  const args = [command, ...more.flatMap((flag) => [flag, database.url])];
  const { modules, kilobytes } = await loadedBy(folder, args);
  expect(modules.length).toBeLessThanOrEqual(files);
  expect(kilobytes).toBeLessThanOrEqual(size);
  // PostgreSQL's parser and the parser of a whole command line are for commands that need them.
  for (const module of modules) expect(module).not.toMatch(/\/(libpg-query|yargs|jiti|zod|pglite)\//);
});

test('an upgrade of revisions without a catalogue loads nothing that looks at schemas', async () => {
  const fresh = await freshDatabase();
  const folder = folderWith({ 'revisions/a.sql': sql('a', { upgrade: 'CREATE TABLE t_a ();' }) });
  const { modules } = await loadedBy(folder, ['upgrade', '--url', fresh.url]);
  await fresh.drop();
  for (const module of modules)
    expect(module).not.toMatch(/\/(evidence|observe|examine|introspect|rewrites|prove)-/);
});
