import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './server.js';

const PROGRAM = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'].find(
  (path) => spawnSync(path, ['--version']).status === 0,
);

/** Where it is not installed, tests with it are skipped, and say so. */
export const hasPgBouncer = PROGRAM !== undefined;

export interface PgBouncer {
  /** The URL of a database behind it. */
  url(database: string): string;
  stop(): Promise<void>;
}

/** Starts PgBouncer before a server, with a pool of so many connections. */
export async function startPgBouncer(
  server: string,
  mode: 'session' | 'transaction' | 'statement',
  poolSize: number,
): Promise<PgBouncer> {
  const { hostname, port: behind, username, password } = new URL(server);
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'revgraph-bouncer-'));
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(join(folder, 'users.txt'), `"${username}" ""\n`);
  writeFileSync(
    file,
    `[databases]\n* = host=${hostname} port=${behind} user=${username} password=${password}\n[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port=${port}\nunix_socket_dir=\nauth_type=any\nauth_file=${folder}/users.txt\npool_mode=${mode}\ndefault_pool_size=${poolSize}\nmax_client_conn=300\nignore_startup_parameters=extra_float_digits\n`,
  );
  chmodSync(folder, 0o755);
  const id = (flag: string): number => Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout);
  // It refuses to run as root.
  const identity = process.getuid?.() === 0 ? { uid: id('-u'), gid: id('-g') } : {};
  const child = spawn(PROGRAM as string, [file], { ...identity, stdio: 'ignore' });
  const url = (database: string): string => `postgresql://${username}@127.0.0.1:${port}/${database}`;
  for (let tries = 0; ; tries++) {
    const client = new pg.Client({ connectionString: url('postgres') });
    client.on('error', () => {});
    const ready = await client.connect().then(
      () => true,
      () => false,
    );
    await client.end().catch(() => {});
    if (ready) break;
    if (tries > 50) throw new Error('PgBouncer did not answer');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      }),
  };
}
