import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** A PgBouncer in front of a server. */
export interface ChaosPooler {
  /** The URL of a database behind it. */
  through(database: string): string;
  close(): Promise<void>;
}

/** Where it is installed; null where it is not. */
export function findPgBouncer(): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const paths = folders.map((folder) => join(folder, 'pgbouncer'));
  return paths.find((path) => spawnSync(path, ['--version']).status === 0) ?? null;
}

const TRIES = 50;

export async function openPooler(
  program: string,
  server: string,
  mode: 'session' | 'transaction' | 'statement',
  poolSize: number,
): Promise<ChaosPooler> {
  const { hostname, port: behind, username, password } = new URL(server);
  const folder = mkdtempSync(join(tmpdir(), 'revgraph-chaos-'));
  const port = await freePort();
  const secret = password === '' ? '' : ` password='${decodeURIComponent(password).replaceAll("'", "''")}'`;
  const user = decodeURIComponent(username);
  const settings = [
    '[databases]',
    `* = host=${hostname} port=${behind || 5432} user=${user}${secret}`,
    '[pgbouncer]',
    'listen_addr=127.0.0.1',
    `listen_port=${port}`,
    'unix_socket_dir=',
    'auth_type=any',
    `auth_file=${folder}/users.txt`,
    `pool_mode=${mode}`,
    `default_pool_size=${poolSize}`,
    'max_client_conn=500',
    'ignore_startup_parameters=extra_float_digits',
  ];
  writeFileSync(join(folder, 'users.txt'), `"${user}" ""\n`);
  writeFileSync(join(folder, 'pgbouncer.ini'), `${settings.join('\n')}\n`);
  chmodSync(folder, 0o755);
  const child = spawn(program, [join(folder, 'pgbouncer.ini')], { ...identity(), stdio: 'ignore' });
  const through = (database: string): string => {
    const url = new URL(database);
    url.host = `127.0.0.1:${port}`;
    url.password = '';
    return url.href;
  };
  const ended = once(child, 'exit');
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; !(await answers(through(server))); tries++) {
    if (tries < TRIES && child.exitCode === null) await sleep(100);
    else {
      await close();
      throw new Error('PgBouncer did not answer');
    }
  }
  return { through, close };
}

/** It refuses to run as root. */
function identity(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
}
