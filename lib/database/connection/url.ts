import { RevgraphError } from '../../errors/error.js';

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
  const parsed = parse(url);
  if (parsed === null) throw bad('the host or port is not valid, or a character is not escaped');
  return { kind: 'server', url, label: labelOf(parsed) };
}

function parseEmbedded(directory: string): Address {
  if (directory === '')
    throw new RevgraphError('bad_url', { url: 'pglite:', reason: 'the directory is missing' });
  if (directory === 'memory')
    return { kind: 'embedded', directory: null, label: 'the embedded database in memory' };
  return { kind: 'embedded', directory, label: `the embedded database in ${directory}` };
}

function parse(url: string): URL | null {
  try {
    const parsed = new URL(url.replace(/^postgres(ql)?:/, 'http:'));
    return parsed.port === '0' ? null : parsed;
  } catch {
    return null;
  }
}

/** User, host, port and database: made of parts that are known, so that nothing else can slip in. */
function labelOf({ username, host, pathname }: URL): string {
  return `postgresql://${username === '' ? '' : `${username}@`}${host}${pathname === '/' ? '' : pathname}`;
}

function schemeOf(url: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*(?=:\/\/)/i.exec(url)?.[0];
  return scheme === undefined ? '…' : `${scheme}://…`;
}
