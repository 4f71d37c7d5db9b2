import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { DatabaseSource } from '../database/connection/session.js';
import { parseUrl } from '../database/connection/url.js';
import { parseServerUrl } from '../database/wire/server-url.js';
import { RevgraphError } from '../errors/error.js';
import { withoutSecrets } from '../errors/secrets.js';
import { readWhole } from '../revision/whole-file.js';

/** A dump of a schema, and what to call it in messages. */
export interface Dump {
  readonly file: string;
  readonly sql: string;
}

/** Rights and owners are of one place; what is copied is not the schema. */
const ARGUMENTS = ['--schema-only', '--no-owner', '--no-privileges', '--no-tablespaces', '--no-password'];

/** Of a schema. */
const MOST_CHARACTERS = 1 << 29;

/**
 * The dump that was named, or one made now.
 * @param pgDump the program; default: the one on the path
 * @throws `baseline_refused` where there is neither
 */
export async function dumpOf(
  database: DatabaseSource,
  { dump, pgDump = 'pg_dump' }: { readonly dump?: string | undefined; readonly pgDump?: string | undefined },
): Promise<Dump> {
  if (dump !== undefined) {
    const sql = readWhole(dump);
    if (sql === null) throw refusedDump(`there is no file ${dump}`);
    return { file: dump, sql };
  }
  if (typeof database !== 'string' || parseUrl(database).kind !== 'server')
    throw refusedDump('only a server that is named by a URL can be dumped here');
  return { file: 'the dump of pg_dump', sql: await runDump(pgDump, database) };
}

const refusedDump = (reason: string): RevgraphError =>
  new RevgraphError('baseline_refused', {
    reason,
    way: 'Make a dump with `pg_dump --schema-only --no-owner --no-privileges`, and name it with --dump.',
  });

const run = promisify(execFile);

async function runDump(program: string, url: string): Promise<string> {
  const { name, env } = withoutPassword(url);
  try {
    const { stdout } = await run(program, [...ARGUMENTS, `--dbname=${name}`], {
      env: { ...process.env, ...env },
      maxBuffer: MOST_CHARACTERS,
    });
    return stdout;
  } catch (error) {
    const { stderr = '', code, message } = error as Error & { stderr?: string; code?: unknown };
    if (code === 'ENOENT') throw refusedDump(`${program} is not installed`);
    const why = withoutSecrets(stderr.trim() || `it ended with ${code ?? message}`).replaceAll(/\s+/g, ' ');
    throw refusedDump(`${program} failed: ${why}`);
  }
}

/** A command's line can be read by everybody on the machine; its environment can't. */
function withoutPassword(url: string): { name: string; env: NodeJS.ProcessEnv } {
  const [attempt] = parseServerUrl(url).attempts;
  const one = new URL(attempt?.url ?? url);
  const password = one.searchParams.get('password') ?? decodeURIComponent(one.password);
  one.password = '';
  one.searchParams.delete('password');
  return { name: one.href, env: password === '' ? {} : { PGPASSWORD: password } };
}
