import type { Client } from 'pg';
import { isRevgraphError, RevgraphError } from '../../errors/error.js';
import { defaultsOf } from '../../options/option.js';
import { DATABASE } from '../../options/table.js';
import { farewell, isOfTls, isWanted, mayHaveTls } from '../wire/client.js';
import { BadServerUrl, parseServerUrl } from '../wire/server-url.js';
import { translate } from './failure.js';
import type { ConnectOptions } from './session.js';

/** A database address, taken apart only as far as we have to. */
export type Address =
  | { readonly kind: 'server'; readonly url: string; readonly label: string }
  | { readonly kind: 'embedded'; readonly directory: string | null; readonly label: string };

/**
 * Parses a URL. `pglite:memory` has no directory.
 * @throws `bad_url`, of which only the scheme is repeated: what can't be parsed may hold a password anywhere
 */
export function parseUrl(url: string): Address {
  if (url.startsWith('pglite:')) return parseEmbedded(url.slice('pglite:'.length).replace(/^\/\/(?=.)/, ''));
  const bad = (reason: string): RevgraphError => new RevgraphError('bad_url', { url: schemeOf(url), reason });
  if (!/^postgres(ql)?:\/\//.test(url)) throw bad('it must start with postgresql:// or pglite:');
  try {
    return { kind: 'server', url, label: parseServerUrl(url).label };
  } catch (error) {
    if (error instanceof BadServerUrl) throw bad(error.message);
    throw error;
  }
}

function parseEmbedded(directory: string): Address {
  if (directory === '')
    throw new RevgraphError('bad_url', { url: 'pglite:', reason: 'the directory is missing' });
  if (directory === 'memory')
    return { kind: 'embedded', directory: null, label: 'the embedded database in memory' };
  return { kind: 'embedded', directory, label: `the embedded database in ${directory}` };
}

function schemeOf(url: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*(?=:\/\/)/i.exec(url)?.[0];
  return scheme === undefined ? '…' : `${scheme}://…`;
}

const { connectTimeoutMs: CONNECT_TIMEOUT_MS } = defaultsOf(DATABASE);

/** After so long without a word the two ends ask each other whether they are there. */
const KEEP_ALIVE_MS = 10_000;

/** A client is not made of every URL: one that names a missing certificate fails here. */
function make<T>(construct: () => T, label: string): T {
  try {
    return construct();
  } catch (error) {
    throw new RevgraphError('bad_url', { url: label, reason: (error as Error).message }, { cause: error });
  }
}

export async function connectTo(
  url: string,
  label: string,
  options: ConnectOptions,
  more: object = {},
): Promise<Client> {
  const { default: pg } = await import('pg');
  const client = make(
    () =>
      new pg.Client({
        connectionString: url,
        application_name: options.applicationName ?? 'revgraph',
        connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
        keepAlive: true,
        keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
        ...more,
      }),
    label,
  );
  // Without a listener a connection that breaks while idle would end the process; the next query reports it.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    await farewell(client);
    throw translate(error, 'connecting to the database', label);
  }
  return client;
}

/** One of the servers that a URL names, as it is wanted. @throws what the last try threw */
export async function connectToOne(
  address: string,
  label: string,
  options: ConnectOptions,
): Promise<{ client: Client; url: string }> {
  const { attempts, wants } = parseServerUrl(address);
  let failure: unknown = null;
  let failed = '';
  for (const pass of wants === 'prefer-standby' ? (['standby', 'any'] as const) : [wants])
    for (const { url, host, only } of attempts) {
      // Another encryption is for what the one before it was refused for, and nothing else.
      if (only !== null && !(failed === host && isOfTls(failure, only))) continue;
      failed = host;
      try {
        const client = await connectTo(url, label, options);
        if (await isWanted(client, pass)) return { client, url };
        await farewell(client);
        failure = new RevgraphError('connection_refused', {
          url: label,
          reason: `no server of it is ${wants}`,
        });
      } catch (error) {
        failure = error;
        // Who is there and says no is not passed over.
        if (!isRevgraphError(error, 'connection_refused') && !mayHaveTls(error)) throw error;
      }
    }
  throw failure;
}
