import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* A rolling deploy with real processes: old replicas go on while a newer one migrates, and old code starts again after it. */

const LIBRARY = pathToFileURL('dist/lib/index.js').href;
const SERVICE = `
import { createServer } from 'node:http';
import { boot, isRevgraphError, readiness } from '${LIBRARY}';
const options = { revisions: process.argv[2], database: process.env.DATABASE_URL };
try {
  const { state, steps } = await boot(options);
  console.log(JSON.stringify({ state, ran: steps.map(({ revision }) => revision) }));
} catch (error) {
  console.log(JSON.stringify({ refused: isRevgraphError(error) ? error.code : 'crash', message: error.message }));
  process.exit(1);
}
const server = createServer(readiness({ ...options, ttlMs: 0 }));
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
`;

const a = sql('a', { upgrade: 'CREATE TABLE t_a (id int);' });
const b = (header?: string) =>
  sql('b', {
    revises: 'a',
    ...(header === undefined ? {} : { header }),
    upgrade: 'SELECT pg_sleep(0.5); CREATE TABLE t_b (id int);',
  });

let database: TestDatabase;
let children: ChildProcess[];
beforeEach(async () => {
  database = await freshDatabase();
  children = [];
});
afterEach(async () => {
  const ended = children.map((child) => new Promise((resolve) => child.once('close', resolve)));
  const open = children.filter((child) => child.exitCode === null && child.signalCode === null);
  for (const child of open) child.kill('SIGKILL');
  await Promise.all(ended.filter((_, i) => open.includes(children[i] as ChildProcess)));
  await database.drop();
});

interface Replica {
  readonly lines: Record<string, unknown>[];
  /** Status of its readiness. */
  ready(): Promise<number>;
}

function start(revisions: string): Replica {
  const service = join(folderWith({ 'service.mjs': SERVICE }), 'service.mjs');
  const child = spawn(process.execPath, [service, revisions], {
    env: { ...process.env, DATABASE_URL: database.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines: Record<string, unknown>[] = [];
  let rest = '';
  child.stdout.on('data', (data) => {
    const parts = `${rest}${data}`.split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) lines.push(JSON.parse(line));
  });
  const port = () => lines.find((line) => 'port' in line)?.port;
  return { lines, ready: async () => (await fetch(`http://127.0.0.1:${port()}/`)).status };
}

const started = (...replicas: Replica[]) =>
  until(() => replicas.every(({ lines }) => lines.length === 2), 'replicas that are ready');

test('three old replicas stay ready while a newer one migrates; rolled back, old code starts', async () => {
  const old = folderWith({ 'a.sql': a });
  const newer = folderWith({ 'a.sql': a, 'b.sql': b() });
  const three = [start(old), start(old), start(old)];
  await started(...three);
  const fourth = start(newer);
  const seen = new Set<number>();
  while (fourth.lines.length < 2) for (const one of three) seen.add(await one.ready());
  for (const one of three) seen.add(await one.ready());
  expect([...seen]).toEqual([200]);
  expect(fourth.lines[0]).toEqual({ state: 'current', ran: ['b'] });
  expect(await fourth.ready()).toBe(200);
  const back = start(old);
  await started(back);
  expect([back.lines[0], await back.ready()]).toEqual([{ state: 'ahead', ran: [] }, 200]);
});

test('with @breaks-before old code is not ready, and refuses to start in one sentence', async () => {
  const old = folderWith({ 'a.sql': a });
  const first = start(old);
  await started(first);
  const newer = start(folderWith({ 'a.sql': a, 'b.sql': b('-- @breaks-before 2.4.0') }));
  await started(newer);
  expect(await first.ready()).toBe(503);
  const back = start(old);
  await until(() => back.lines.length > 0, 'a refusal');
  expect(back.lines[0]).toEqual({
    refused: 'incompatible',
    message:
      'The database has b, which code before 2.4.0 does not run on; this code does not say which release it is.',
  });
});
