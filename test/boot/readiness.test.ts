import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { boot, type ReadinessOptions, readiness } from '../../lib/index.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { sql, temporaryFolder } from '../support/project.js';
import { countingProxy } from '../support/proxy.js';

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const options = (more: Partial<ReadinessOptions> = {}): ReadinessOptions => ({
  revisions: 'revisions',
  database: database.url,
  ttlMs: 0,
  ...more,
});

async function served(ready: ReturnType<typeof readiness>): Promise<() => Promise<Response>> {
  const server = createServer(ready);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return () => fetch(`http://127.0.0.1:${port}/health`);
}

test('503 with what is pending before, 200 afterwards', async () => {
  const ask = await served(readiness(options()));
  const before = await ask();
  expect(before.status).toBe(503);
  expect(before.headers.get('content-type')).toMatch(/json/);
  const told = (await before.json()) as { pending: string[] };
  expect(told).toMatchObject({
    ready: false,
    state: 'empty',
    current: [],
    heads: ['c64001afbd46'],
    error: null,
  });
  expect(told.pending).toHaveLength(24);
  await boot({ revisions: 'revisions', database: database.url });
  const after = await ask();
  expect([after.status, await after.json()]).toEqual([
    200,
    expect.objectContaining({ ready: true, state: 'current', current: ['c64001afbd46'], pending: [] }),
  ]);
});

test('an answer is kept, and requests that come together share one look', async () => {
  await boot({ revisions: 'revisions', database: database.url });
  const proxy = await countingProxy(database.url);
  const pool = new pg.Pool({ connectionString: proxy.url, max: 1 });
  const ready = readiness(options({ database: pool, ttlMs: 200 }));
  await Promise.all(Array.from({ length: 50 }, () => ready.check()));
  await ready.check();
  expect(proxy.roundTrips()).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 250));
  await ready.check();
  expect(proxy.roundTrips()).toBe(2);
  await pool.end();
});

test('a database that is gone is an answer, in time and without a password', async () => {
  const gone = new URL(database.url);
  gone.port = '1';
  const ask = await served(readiness(options({ database: gone.href })));
  const answer = await ask();
  const text = await answer.text();
  expect(answer.status).toBe(503);
  expect(JSON.parse(text)).toMatchObject({ state: 'unreachable', error: { code: 'connection_refused' } });
  expect(text).not.toContain(gone.password);
});

test('a pool that has no client left does not keep the answer waiting', async () => {
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  const taken = await pool.connect();
  const begun = Date.now();
  const answer = await readiness(options({ database: pool, timeoutMs: 100 })).check();
  expect(answer).toMatchObject({
    ready: false,
    state: 'unreachable',
    error: { message: expect.stringContaining('100 ms') },
  });
  expect(Date.now() - begun).toBeLessThan(10_000);
  taken.release();
  await pool.end();
});

test('ahead is ready only where that was allowed; options that are wrong are told', async () => {
  await boot({ revisions: 'revisions', database: database.url });
  await database.query("UPDATE revgraph_version SET revision = 'from_tomorrow'");
  expect(await readiness(options()).check()).toMatchObject({ ready: false, state: 'ahead' });
  expect(await readiness(options({ unknownRows: 'warn' })).check()).toMatchObject({
    ready: true,
    state: 'ahead',
  });
  expect(await readiness({ ...options(), timeoutMs: -1 }).check()).toMatchObject({
    ready: false,
    error: { code: 'usage', message: expect.stringContaining('timeoutMs') },
  });
});

test('a response that somebody else has answered is left alone', async () => {
  const ready = readiness(options());
  const thrown: unknown[] = [];
  const listen = (error: unknown): void => void thrown.push(error);
  process.on('unhandledRejection', listen);
  onTestFinished(() => void process.off('unhandledRejection', listen));
  const server = createServer((request, response) => {
    ready(request, response);
    response.writeHead(504);
    if (request.url === '/ended') response.end('late');
    else setTimeout(() => response.end('late'), 300);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  for (const path of ['/ended', '/begun']) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    expect([answer.status, await answer.text()]).toEqual([504, 'late']);
  }
  await ready.check();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(thrown).toEqual([]);
});

test('revisions that could not be read are read again at the next check', async () => {
  const folder = join(temporaryFolder(), 'later');
  const ready = readiness(options({ revisions: folder }));
  expect(await ready.check()).toMatchObject({ ready: false, error: { code: 'directory_missing' } });
  mkdirSync(folder);
  writeFileSync(join(folder, 'a.sql'), sql('a', { upgrade: 'CREATE TABLE a (id int);' }));
  expect(await ready.check()).toMatchObject({ state: 'empty', pending: ['a'], error: null });
  await boot({ revisions: folder, database: database.url });
  expect(await ready.check()).toMatchObject({ ready: true });
});

test('looks that hang do not take one connection of the pool after the other', async () => {
  await boot({ revisions: 'revisions', database: database.url });
  const pool = new pg.Pool({ connectionString: database.url, max: 5 });
  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  await holder.query('BEGIN; LOCK TABLE revgraph_version');
  const ready = readiness(options({ database: pool, timeoutMs: 100 }));
  for (let look = 0; look < 4; look++)
    expect(await ready.check()).toMatchObject({ ready: false, error: { code: 'timed_out' } });
  expect(pool.totalCount).toBe(1);
  await holder.query('ROLLBACK');
  await holder.end();
  const again = readiness(options({ database: pool, timeoutMs: 10_000 }));
  expect(await again.check()).toMatchObject({ ready: true });
  await expect.poll(() => ready.check()).toMatchObject({ ready: true });
  await pool.end();
});
