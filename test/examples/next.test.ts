import { createJiti } from 'jiti';
import type pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { freshDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/*
 * The files of the Next.js example, imported as Next.js would. A build of Next.js takes too long for a test; it is not in the
 * dependencies either.
 */

interface Instrumentation {
  register(): Promise<void>;
}
interface Route {
  readonly dynamic: string;
  GET(): Promise<Response>;
}

test('register() brings the database along, and the route says so', async () => {
  const database = await freshDatabase();
  const before = { ...process.env };
  const said = (['debug', 'info'] as const).map((level) => vi.spyOn(console, level).mockReturnValue());
  const kept = globalThis as typeof globalThis & { pool?: pg.Pool };
  onTestFinished(async () => {
    process.env = before;
    for (const spy of said) spy.mockRestore();
    await kept.pool?.end();
    delete kept.pool;
    await database.drop();
  });
  process.env.DATABASE_URL = database.url;
  process.env.REVISIONS = folderWith({ 'a.sql': sql('a', { upgrade: 'CREATE TABLE a (id int);' }) });
  const jiti = createJiti(import.meta.url, { nativeModules: ['revgraph'] });
  const { register } = await jiti.import<Instrumentation>('../../docs/example/next/instrumentation.ts');
  const route = await jiti.import<Route>('../../docs/example/next/app/health/route.ts');
  expect(route.dynamic).toBe('force-dynamic');

  process.env.NEXT_RUNTIME = 'edge';
  await register();
  expect(await database.query("SELECT to_regclass('a') AS a")).toEqual([{ a: null }]);
  const answer = await route.GET();
  expect([answer.status, await answer.json()]).toEqual([503, expect.objectContaining({ state: 'empty' })]);

  process.env.NEXT_RUNTIME = 'nodejs';
  await register();
  expect(await database.query("SELECT to_regclass('a')::text AS a")).toEqual([{ a: 'a' }]);
  expect(said[1]?.mock.calls.map(([, message]) => String(message))).toEqual([
    expect.stringMatching(/^1 step to run/),
    expect.stringMatching(/^upgrade of a is done/),
  ]);
  // The answer before is kept for a second.
  await expect.poll(async () => (await route.GET()).status, { timeout: 10_000 }).toBe(200);
});
