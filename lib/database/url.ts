import { RevgraphError } from '../errors.js';

/** A database address, taken apart only as far as we have to. */
export type Address =
  | { readonly kind: 'server'; readonly url: string; readonly label: string }
  | { readonly kind: 'embedded'; readonly directory: string | null; readonly label: string };

/**
 * Parses a URL. `pglite:memory` has no directory.
 * @throws `bad_url`, with the password taken out
 */
export function parseUrl(url: string): Address {
  if (url.startsWith('pglite:')) {
    const directory = url.slice('pglite:'.length).replace(/^\/\/(?=.)/, '');
    if (directory === '') throw new RevgraphError('bad_url', { url, reason: 'no directory follows pglite:' });
    if (directory === 'memory')
      return { kind: 'embedded', directory: null, label: 'the embedded database in memory' };
    return { kind: 'embedded', directory, label: `the embedded database in ${directory}` };
  }
  const reason = whyNoServer(url);
  if (reason !== null) throw new RevgraphError('bad_url', { url: redact(url), reason });
  return { kind: 'server', url, label: redact(url) };
}

function whyNoServer(url: string): string | null {
  if (!/^postgres(ql)?:\/\//.test(url)) return 'it must start with postgresql:// or pglite:';
  try {
    const { port } = new URL(url.replace(/^postgres(ql)?:/, 'http:'));
    return port === '0' ? 'port 0 is no port' : null;
  } catch {
    return 'host, port or an escaped character is wrong';
  }
}

/** A URL without its password, wherever it stands: even where it can't be parsed. */
export function redact(url: string): string {
  return url
    .replace(/^([a-z]+:\/\/[^:/?#]*):.*@/i, '$1@')
    .replace(/^([^/]*?:)[^/].*@/, '$1***@')
    .replace(/([?&](?:password|sslpassword|sslkey)=)[^&]*/gi, '$1***');
}
