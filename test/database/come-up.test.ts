import { createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { boot, defineRevision, type Event, status } from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { freshDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';
import { countingProxy } from '../support/proxy.js';

/* A database that is not up yet when its service starts. */

const revisions = [defineRevision({ revision: 'a', upgrade: 'CREATE TABLE t_a ()' })];

/** A server that answers as one that is starting up. */
async function starting(): Promise<{ url: string; asked: () => number }> {
  let asked = 0;
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.once('data', () => {
      asked++;
      const fields = 'SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0';
      const message = Buffer.alloc(5 + fields.length);
      message.write('E', 0);
      message.writeInt32BE(4 + fields.length, 1);
      message.write(fields, 5);
      socket.end(message);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return { url: `postgresql://postgres@127.0.0.1:${port}/postgres`, asked: () => asked };
}

/** A port where nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('a service waits until it is there, and says so once', async () => {
  const database = await freshDatabase();
  const port = await freePort();
  const url = new URL(database.url);
  url.port = String(port);
  const events: Event[] = [];
  const booted = boot({ revisions, database: url.href, onEvent: (event) => void events.push(event) });
  await new Promise((resolve) => setTimeout(resolve, 400));
  await countingProxy(database.url, port);
  expect(await booted).toMatchObject({ state: 'current', current: ['a'] });
  expect(events.filter(({ type }) => type === 'database-waiting')).toEqual([
    { type: 'database-waiting', level: 'warn', reason: expect.stringContaining('ECONNREFUSED') },
  ]);
  await database.drop();
});

test('one that is starting up is waited for as long as was said, and then told of as it was', async () => {
  const { url, asked } = await starting();
  await expect(boot({ revisions, database: url, connectRetryMs: 500 })).rejects.toMatchObject({
    message: expect.stringContaining('starting up'),
  });
  expect(asked()).toBeGreaterThan(2);
});

test('a look waits for nobody by itself; what a server answers is no reason to wait', async () => {
  const { url, asked } = await starting();
  await expect(status({ revisions, database: url })).rejects.toThrow('starting up');
  expect(asked()).toBe(1);
  const database = await freshDatabase();
  const absent = new URL(database.url);
  absent.pathname = '/nosuch';
  const begun = performance.now();
  await expect(boot({ revisions, database: absent.href })).rejects.toMatchObject({ code: 'database_absent' });
  expect(performance.now() - begun).toBeLessThan(5_000);
  await database.drop();
});

test('an abort ends the wait', async () => {
  const abort = new AbortController();
  const url = `postgresql://postgres@127.0.0.1:${await freePort()}/postgres`;
  const booted = boot({
    revisions,
    database: url,
    signal: abort.signal,
    onEvent: ({ type }) => type === 'database-waiting' && abort.abort(),
  });
  await expect(booted).rejects.toMatchObject({
    code: 'aborted',
    details: { during: 'while waiting for the database' },
  });
});

test('on the command line: --wait-for-database', async () => {
  const folder = folderWith({ 'revisions/a.sql': sql('a', { upgrade: 'CREATE TABLE t_a ();' }) });
  const url = `postgresql://postgres@127.0.0.1:${await freePort()}/postgres`;
  const at = (...more: string[]) => run(folder, ['status', '--url', url, ...more]);
  expect((await at()).stderr).not.toContain('Waiting for the database');
  const waited = await at('--wait-for-database', '0.5');
  expect([waited.exitValue, waited.stderr]).toEqual([
    (await at()).exitValue,
    expect.stringMatching(/^Waiting for the database: [^\n]*ECONNREFUSED/),
  ]);
});
