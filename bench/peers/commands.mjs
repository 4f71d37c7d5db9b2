import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REVGRAPH = fileURLToPath(new URL('../../dist/bin/revgraph.js', import.meta.url));
const RUN = fileURLToPath(new URL('run.mjs', import.meta.url));

const installed = (program) => spawnSync(program, ['--version']).error === undefined;

/**
 * How each tool brings a database up to date with the history of a folder, as a whole process: name → function of the URL.
 * `psql` is the floor. The tools of npm are looked for in the folder that REVGRAPH_PEERS names.
 * @returns the commands, and the names of what is not installed
 */
export function peersFor(folder) {
  const home = process.env.REVGRAPH_PEERS;
  const fromNpm = (name) =>
    home !== undefined && existsSync(join(home, 'node_modules', name === 'drizzle' ? 'drizzle-orm' : name));
  const onNode = (tool) => (url) => ({ args: [RUN, tool, folder, url], env: { REVGRAPH_PEERS: home } });
  const at = (...path) => join(folder, ...path);
  const commands = {
    psql: (url) => ({ program: 'psql', args: [url, '-qXf', at('psql.sql')] }),
    revgraph: (url) => ({ args: [REVGRAPH, 'upgrade', '--revisions', at('revgraph'), '--url', url] }),
    dbmate: (url) => ({
      program: join(home ?? '', 'node_modules', '.bin', 'dbmate'),
      args: ['--url', `${url}?sslmode=disable`, '--migrations-dir', at('dbmate'), '--no-dump-schema', 'up'],
    }),
    postgrator: onNode('postgrator'),
    knex: onNode('knex'),
    umzug: onNode('umzug'),
    kysely: onNode('kysely'),
    'node-pg-migrate': onNode('node-pg-migrate'),
    drizzle: onNode('drizzle'),
    alembic: (url) => ({ program: 'alembic', args: ['upgrade', 'head'], cwd: folder, env: { URL: url } }),
    sqitch: (url) => ({
      program: 'sqitch',
      args: ['deploy', url.replace(/^postgresql:/, 'db:pg:')],
      cwd: at('sqitch'),
    }),
  };
  const isThere = (name) => {
    if (name === 'revgraph') return true;
    return ['psql', 'alembic', 'sqitch'].includes(name) ? installed(name) : fromNpm(name);
  };
  const missing = Object.keys(commands).filter((name) => !isThere(name));
  for (const name of missing) delete commands[name];
  return { commands, missing, bare: home === undefined ? null : onNode('bare') };
}
