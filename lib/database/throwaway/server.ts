import { createHash, randomBytes } from 'node:crypto';
import { RevgraphError } from '../../errors/error.js';
import { hasPrivilege } from '../catalog/capabilities.js';
import { withSession } from '../connection/connect.js';
import { readDriverError } from '../connection/failure.js';
import { quote } from '../connection/server.js';
import type { ConnectOptions, Session } from '../connection/session.js';
import { assertFinished } from '../connection/transaction.js';
import type { Address } from '../connection/url.js';
import { dropLeftovers, findShared, throwAwayName } from './leftovers.js';
import type { ThrowAway, ThrowAwayOptions, ThrowAways } from './template.js';

const NAME_TAKEN = '42P04';
const TRIES = 5;

type ServerAddress = Extract<Address, { kind: 'server' }>;

/** Databases on a server: `CREATE DATABASE … TEMPLATE`, dropped with force. */
export async function throwAwaysOnServer(
  { url, label }: ServerAddress,
  { connectTimeoutMs }: ThrowAwayOptions,
): Promise<ThrowAways> {
  const made = new Set<string>();
  const connect: ConnectOptions = {
    applicationName: 'revgraph matrix',
    ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
  };
  await withSession(url, connect, async (session) => {
    await assertMayCreate(session);
    await dropLeftovers(session);
  });
  const ask = (sql: string): Promise<unknown> => withSession(url, connect, (session) => session.query(sql));

  /** template0 and not template1: what a site adds to its databases is no part of a fresh install. */
  const create = async (template = 'template0'): Promise<ThrowAway> => {
    const name = await named((candidate) =>
      ask(`CREATE DATABASE ${quote(candidate)} TEMPLATE ${quote(template)}`),
    );
    made.add(name);
    const database = urlOf(url, name);
    return {
      database,
      run: (script) =>
        withSession(database, connect, async (session) => {
          await session.query(script);
          await assertFinished(session);
        }),
      drop: () => drop(name),
    };
  };
  const drop = async (name: string): Promise<void> => {
    if (!made.has(name)) return;
    await ask(`DROP DATABASE IF EXISTS ${quote(name)} WITH (FORCE)`);
    made.delete(name);
  };
  return {
    kind: 'server',
    label,
    fresh: () => create(),
    keep: async ({ database }) => {
      const name = nameIn(String(database));
      return { copy: () => create(name) };
    },
    shared: (key, fill) =>
      withSession(url, connect, async (session) => {
        const hash = createHash('sha256').update(key).digest('hex').slice(0, 16);
        // Until the session ends.
        await session.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [
          `template of revgraph, ${hash}`,
        ]);
        const there = await findShared(session, hash);
        if (there !== null) return { copy: () => create(there) };
        const filled = await create();
        try {
          await fill(filled);
        } catch (error) {
          await filled.drop().catch(() => {});
          throw error;
        }
        const own = nameIn(String(filled.database));
        const name = throwAwayName(hash);
        // Under that name only what is whole is ever found. It stays for others.
        await session.query(`ALTER DATABASE ${quote(own)} RENAME TO ${quote(name)}`);
        made.delete(own);
        return { copy: () => create(name) };
      }),
    close: async () => {
      for (const name of [...made]) await drop(name);
    },
  };
}

async function assertMayCreate(session: Session): Promise<void> {
  if ((await hasPrivilege(session, 'createdb')) === true) return;
  throw new RevgraphError('permission_denied', {
    what: 'creating a throwaway database',
    reason: `the role of ${session.label} does not have CREATEDB`,
  });
}

/** Finds a name that is not taken. The name is ours only if CREATE DATABASE said yes. */
async function named(create: (name: string) => Promise<unknown>): Promise<string> {
  for (let tries = 1; ; tries++) {
    const name = throwAwayName(randomBytes(8).toString('hex'));
    try {
      await create(name);
      return name;
    } catch (error) {
      const { sqlstate } = readDriverError((error as { cause?: unknown }).cause ?? error);
      if (sqlstate !== NAME_TAKEN || tries === TRIES) throw error;
    }
  }
}

const DATABASE = /^(postgres(?:ql)?:\/\/[^/?#]*)(?:\/([^?#]*))?/;

/** The same server, another database. A socket, or several hosts, are no URL for others than PostgreSQL. */
function urlOf(url: string, name: string): string {
  return url.replace(DATABASE, `$1/${name}`).replace(/([?&])dbname=[^&]*&?/, '$1');
}

function nameIn(url: string): string {
  return DATABASE.exec(url)?.[2] ?? '';
}
