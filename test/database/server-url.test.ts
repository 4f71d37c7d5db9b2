import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { parseServerUrl } from '../../lib/database/wire/server-url.js';
import { status, upgrade } from '../../lib/index.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';
import { freePort, startServer } from '../support/server.js';

/* URLs as libpq takes them. */

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const revisions = () => folderWith({ 'a.sql': sql('a', { upgrade: 'CREATE TABLE a (id int);' }) });
const looks = (url: string) => status({ revisions: revisions(), database: url, connectTimeoutMs: 5_000 });

describe('taken apart', () => {
  test('parameters of other tools say nothing to us', () => {
    const { attempts } = parseServerUrl(
      'postgresql://u@h/d?pgbouncer=true&connection_limit=5&pool_timeout=3',
      {},
    );
    expect(attempts).toHaveLength(1);
  });

  test.each([
    ['postgresql://u:p%40ss@h:5/d', 'postgresql://u@h:5/d'],
    ['postgres://u@/d?host=/run/x&port=5433', 'postgresql://u@/run/x:5433/d'],
    ['postgresql:///d?host=/run/x&user=u', 'postgresql://u@/run/x/d'],
    ['postgresql://u@%2Frun%2Fx:5433/d', 'postgresql://u@/run/x:5433/d'],
    ['postgresql://u:secret@h1:1,h2:2/d', 'postgresql://u@h1:1,h2:2/d'],
    ['postgresql://u@[::1]:5432/d', 'postgresql://u@[::1]:5432/d'],
    ['postgresql://u@h1,[2001:db8::1]:3/d', 'postgresql://u@h1,[2001:db8::1]:3/d'],
  ])('%s', (url, label) => {
    expect(parseServerUrl(url, {}).label).toBe(label);
  });

  test.each([
    'postgresql://u:se#cret@h/d',
    'postgresql://u:se/cret@h/d',
    'postgresql://u:se?cret@h/d',
    'postgresql://u:s%ecret@h/d',
    'postgresql://u:se:cret@@h/d',
    'postgresql://u@h:secret/d',
  ])('a password that was not escaped is told, and not printed: %s', async (url) => {
    const error = await looks(url).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: 'bad_url' });
    expect(JSON.stringify(error) + String(error)).not.toMatch(/cret|se#/);
  });

  test.each([
    ['sslmode=never', 'sslmode is none of'],
    ['target_session_attrs=best', 'target_session_attrs is none of'],
    ['sslmode=verify-ca', 'needs a certificate to verify with'],
    ['service=nobody', 'has no service of that name'],
    ['sslmod=require', 'nearly `sslmode`'],
    ['target_session_attr=read-write', 'nearly `target_session_attrs`'],
  ])('%s is refused', async (query, says) => {
    await expect(looks(`${database.url}?${query}`)).rejects.toMatchObject({
      code: 'bad_url',
      message: expect.stringContaining(says),
    });
  });
});

test.each(['disable', 'prefer', 'allow'])('sslmode=%s on a server without TLS', async (mode) => {
  expect((await looks(`${database.url}?sslmode=${mode}`)).state).toBe('empty');
});

test('sslmode=require on a server without TLS is no connection', async () => {
  await expect(looks(`${database.url}?sslmode=require`)).rejects.toThrow(/SSL/);
});

test('several hosts: the first that is there', async () => {
  const { username, password, hostname, port } = new URL(database.url);
  const nobody = await freePort();
  const url = `postgresql://${username}:${password}@127.0.0.1:${nobody},${hostname}:${port}/${database.name}`;
  expect((await looks(url)).state).toBe('empty');
  // Who is there and says no is not passed over.
  const wrong = `postgresql://${username}:wrong@${hostname}:${port},${hostname}:${port}/${database.name}`;
  await expect(looks(wrong)).rejects.toMatchObject({ code: 'authentication_failed' });
});

test('target_session_attrs finds the primary, or the standby', async () => {
  const standby = await startServer(mkdtempSync(join(tmpdir(), 'revgraph-standby-')));
  onTestFinished(() => standby.stop());
  await standby.standBy();
  const one = new URL(standby.url);
  const two = new URL(inject('serverUrl'));
  const url = (attrs: string) =>
    `postgresql://postgres:${one.password}@${one.host},${two.host}/postgres?target_session_attrs=${attrs}`;
  const at = async (attrs: string) => {
    const run = upgrade({
      revisions: revisions(),
      database: url(attrs),
      dryRun: false,
      schema: 'nowhere',
      connectTimeoutMs: 5_000,
    });
    return run.then(
      () => 'primary',
      (error: { code: string }) => (error.code === 'server_read_only' ? 'standby' : 'primary'),
    );
  };
  expect([
    await at('any'),
    await at('read-write'),
    await at('primary'),
    await at('standby'),
    await at('prefer-standby'),
  ]).toEqual(['standby', 'primary', 'primary', 'standby', 'standby']);
  await expect(looks(`${standby.url}?target_session_attrs=read-write`)).rejects.toThrow(
    /no server of it is read-write/,
  );
});

test('?schema= is honoured', async () => {
  await database.query('CREATE SCHEMA "Of Prisma"');
  await upgrade({ revisions: revisions(), database: `${database.url}?schema=Of%20Prisma` });
  expect(
    await database.query(
      "SELECT schemaname, tablename FROM pg_tables WHERE tablename IN ('a', 'revgraph_version') ORDER BY 2",
    ),
  ).toEqual([
    { schemaname: 'Of Prisma', tablename: 'a' },
    { schemaname: 'Of Prisma', tablename: 'revgraph_version' },
  ]);
});

test('service and passfile', async () => {
  const { username, password, hostname, port } = new URL(database.url);
  const folder = mkdtempSync(join(tmpdir(), 'revgraph-pg-'));
  writeFileSync(
    join(folder, 'services'),
    `[other]\nhost=nowhere\n[mine]\nhost=${hostname}\nport=${port}\nuser=${username}\n[last]\n`,
  );
  writeFileSync(
    join(folder, 'pass'),
    `# none\n${hostname}:${port}:*:somebody:no\n${hostname}:${port}:*:${username}:${password}\n`,
  );
  process.env.PGSERVICEFILE = join(folder, 'services');
  onTestFinished(() => {
    delete process.env.PGSERVICEFILE;
  });
  expect(
    (await looks(`postgresql:///${database.name}?service=mine&passfile=${join(folder, 'pass')}`)).database,
  ).toBeDefined();
});
