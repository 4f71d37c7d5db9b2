import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { distance } from 'fastest-levenshtein';

/** What a URL says of servers, taken apart as libpq does. */
export interface ServerUrl {
  /** One after the other, until one of them is as it is wanted. */
  readonly attempts: readonly ServerAttempt[];
  /** For people: without a password. */
  readonly label: string;
  readonly wants: SessionKind;
}

/** A URL as the driver takes it: one host, one kind of encryption. */
export interface ServerAttempt {
  readonly url: string;
  /** The server of it; several attempts may be for one. */
  readonly host: string;
  /** Not this: its server is tried with another encryption, for this reason of the one before. */
  readonly only: 'without TLS' | 'with TLS' | null;
}

export type SessionKind = 'any' | 'read-write' | 'read-only' | 'primary' | 'standby' | 'prefer-standby';

const KINDS: readonly string[] = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'];
const MODES: readonly string[] = [
  'disable',
  'allow',
  'prefer',
  'require',
  'verify-ca',
  'verify-full',
  'no-verify',
];

/** What is wrong with a URL, without any part of it: a password may stand anywhere. */
export class BadServerUrl extends Error {
  override readonly name = 'BadServerUrl';
}

const NOT_ESCAPED =
  'a character of the user or the password is not escaped: write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23, % as %25';

/** @param env `PGSSLMODE`, `PGTARGETSESSIONATTRS`, `PGSERVICE`, `PGSERVICEFILE`; the driver reads the others */
export function parseServerUrl(text: string, env: NodeJS.ProcessEnv = process.env): ServerUrl {
  // Half a character can't be escaped.
  if (/\p{Surrogate}/u.test(text)) throw new BadServerUrl('it has half a character');
  const [, authority = '', path = '', query = ''] =
    /^postgres(?:ql)?:\/\/([^/?#]*)(\/[^?#]*)?(\?[^#]*)?/.exec(text) ?? [];
  const rest = text.slice(text.indexOf('://') + 3 + authority.length);
  if (
    rest.includes('#') ||
    (authority.includes(':') && !authority.includes('@') && rest.split('?')[0]?.includes('@'))
  )
    throw new BadServerUrl(NOT_ESCAPED);
  if (authority.split('@').length > 2) throw new BadServerUrl(NOT_ESCAPED);
  const at = authority.lastIndexOf('@');
  const userinfo = at === -1 ? '' : authority.slice(0, at);
  // Of a query only its parts are read: what is given twice counts as it stands last.
  const given = new Map(new URLSearchParams(query.replaceAll('+', '%2B')));
  const service = given.get('service') ?? env.PGSERVICE;
  const params = service === undefined ? given : new Map([...serviceOf(service, env), ...given]);
  const take = (name: string): string | undefined => {
    const value = params.get(name);
    params.delete(name);
    return value === '' ? undefined : value;
  };
  assertKnown(given.keys());
  const mode = take('sslmode') ?? env.PGSSLMODE ?? null;
  if (mode !== null && !MODES.includes(mode))
    throw new BadServerUrl(`sslmode is none of ${MODES.slice(0, 6).join(', ')}`);
  const wants = take('target_session_attrs') ?? env.PGTARGETSESSIONATTRS ?? 'any';
  if (!KINDS.includes(wants)) throw new BadServerUrl(`target_session_attrs is none of ${KINDS.join(', ')}`);
  take('service');
  const schema = take('schema');
  const user = take('user') ?? (decoded(userinfo.split(':')[0] ?? '') || undefined);
  const password =
    take('password') ??
    (userinfo.includes(':') ? decoded(userinfo.slice(userinfo.indexOf(':') + 1)) : undefined);
  const database = (path.length > 1 ? decoded(path.slice(1)) : undefined) ?? take('dbname');
  const servers = serversOf(authority.slice(at + 1), take('host'), take('port'), take('hostaddr'));
  const passfile = take('passfile');
  take('dbname');
  if (schema !== undefined)
    params.set('options', `${params.get('options') ?? ''} -c search_path=${optionValue(schema)}`.trim());
  const attempts = servers.flatMap(({ host, port }) => {
    const known =
      password ?? (passfile === undefined ? undefined : passwordIn(passfile, { host, port, database, user }));
    return variantsOf(host.startsWith('/') ? 'disable' : mode).map(({ sslmode, only }): ServerAttempt => {
      const all = new Map([...params, ...Object.entries({ user, password: known, port: port || undefined })]);
      if (sslmode !== null) for (const [name, value] of sslOf(sslmode, params)) all.set(name, value);
      if (host.startsWith('/') || host === '') all.set('host', host || undefined);
      const search = [...all].flatMap(([name, value]) =>
        value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
      );
      const named = host.startsWith('/') ? '' : host.includes(':') ? `[${host}]` : encodeURIComponent(host);
      const url = `postgresql://${named}/${encodeURIComponent(database ?? '')}?${search.join('&')}`;
      return { url, host: `${host}:${port}`, only };
    });
  });
  const shown = servers.map(
    ({ host, port }) => `${host.includes(':') ? `[${host}]` : host}${port === '' ? '' : `:${port}`}`,
  );
  const label = `postgresql://${user === undefined ? '' : `${user}@`}${shown.join(',')}${database === undefined ? '' : `/${database}`}`;
  return { attempts, label, wants: wants as SessionKind };
}

/** Parameters of libpq whose slip of the pen would be a connection that is other than was meant. */
const PARAMETERS: readonly string[] = [
  ...['host', 'hostaddr', 'port', 'dbname', 'user', 'password', 'passfile', 'service', 'options', 'schema'],
  ...['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslnegotiation', 'target_session_attrs'],
  ...['application_name', 'connect_timeout', 'channel_binding', 'require_auth', 'client_encoding'],
];

/** Those of other tools (`pgbouncer=true`, `connection_limit`) say nothing to us; one that is nearly one of libpq's was meant as that. */
function assertKnown(names: Iterable<string>): void {
  for (const name of names) {
    const meant = PARAMETERS.includes(name)
      ? undefined
      : PARAMETERS.find((known) => distance(name.toLowerCase(), known) <= Math.min(2, known.length / 4));
    if (meant !== undefined)
      throw new BadServerUrl(`a parameter is nearly \`${meant}\`, and is not written like that`);
  }
}

/** A name in the options that a connection begins with, where a blank ends an option. */
const optionValue = (schema: string): string =>
  `"${schema.replaceAll('"', '""')}"`.replace(/[\\\s]/g, '\\$&');

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new BadServerUrl(NOT_ESCAPED);
  }
}

interface HostAndPort {
  readonly host: string;
  readonly port: string;
}

/** Hosts by the authority or by parameters, each with its port; one port stands for all. */
function serversOf(written: string, host = '', port = '', hostaddr = ''): HostAndPort[] {
  const inPlace =
    written === ''
      ? []
      : written.split(/,(?![^[]*\])/).map((one): HostAndPort => {
          const [, name = '', number = ''] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(one) ?? [];
          return { host: decoded(name.replace(/^\[(.*)\]$/, '$1')), port: number };
        });
  const names = (hostaddr || host).split(',');
  const ports = port.split(',');
  const named =
    host === '' && hostaddr === '' ? inPlace : names.map((name): HostAndPort => ({ host: name, port: '' }));
  const servers = named.length === 0 ? [{ host: '', port: '' }] : named;
  return servers.map((one, i): HostAndPort => {
    const number =
      one.port ||
      (ports.length === 1 ? ports[0] : ports[i]) ||
      (named === inPlace ? '' : (inPlace[i]?.port ?? inPlace[0]?.port)) ||
      '';
    if (number !== '' && !(/^\d+$/.test(number) && Number(number) > 0 && Number(number) < 65_536))
      throw new BadServerUrl(`a port is no number from 1 to 65535, or ${NOT_ESCAPED}`);
    if (/[\s@?#\\]/.test(one.host)) throw new BadServerUrl(`a host is not valid, or ${NOT_ESCAPED}`);
    return { host: one.host, port: number };
  });
}

type Variant = { readonly sslmode: string | null; readonly only: ServerAttempt['only'] };

/** What libpq tries for a mode, in its order. */
function variantsOf(mode: string | null): Variant[] {
  if (mode === 'prefer')
    return [
      { sslmode: 'prefer', only: null },
      { sslmode: 'disable', only: 'without TLS' },
    ];
  if (mode === 'allow')
    return [
      { sslmode: 'disable', only: null },
      { sslmode: 'prefer', only: 'with TLS' },
    ];
  return [{ sslmode: mode, only: null }];
}

/** The words of libpq for the driver, which has two meanings for them. */
function sslOf(sslmode: string, params: ReadonlyMap<string, string>): [string, string | undefined][] {
  if (sslmode === 'no-verify') return [['sslmode', sslmode]];
  const compatible: [string, string | undefined][] = [['uselibpqcompat', 'true']];
  const root = params.get('sslrootcert');
  // The certificates that this machine trusts, by name: only verify-full makes sense with them.
  if (root === 'system') return [...compatible, ['sslmode', 'verify-full'], ['sslrootcert', undefined]];
  const own = join(homedir(), '.postgresql', 'root.crt');
  const verifies = sslmode.startsWith('verify');
  if (root === undefined && verifies && !existsSync(own))
    throw new BadServerUrl(
      `sslmode=${sslmode} needs a certificate to verify with: add sslrootcert=FILE, or sslrootcert=system`,
    );
  return [
    ...compatible,
    ['sslmode', sslmode],
    ...(root === undefined && verifies ? ([['sslrootcert', own]] as [string, string][]) : []),
  ];
}

/** The parameters of a service of `~/.pg_service.conf`. */
function serviceOf(name: string, env: NodeJS.ProcessEnv): [string, string][] {
  const file = env.PGSERVICEFILE ?? join(homedir(), '.pg_service.conf');
  const text = read(file);
  const lines = text?.split(/\r?\n/) ?? [];
  const begin = lines.findIndex((line) => line.trim() === `[${name}]`);
  if (begin === -1) throw new BadServerUrl(`${file} has no service of that name`);
  const end = lines.findIndex((line, i) => i > begin && line.trim().startsWith('['));
  return lines.slice(begin + 1, end === -1 ? undefined : end).flatMap((line): [string, string][] => {
    const [, key, value] = /^\s*([a-z_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    return key === undefined || value === undefined ? [] : [[key, value]];
  });
}

/** The password that a file like `~/.pgpass` has for a connection. */
function passwordIn(
  file: string,
  { host, port, database, user }: HostAndPort & { database: string | undefined; user: string | undefined },
): string | undefined {
  const wanted = [
    host.startsWith('/') || host === '' ? 'localhost' : host,
    port || '5432',
    database ?? user ?? '',
    user ?? '',
  ];
  for (const line of read(file)?.split(/\r?\n/) ?? []) {
    if (line.startsWith('#')) continue;
    const fields =
      line.match(/(?:\\.|[^:\\])+|(?<=:)(?=:|$)/g)?.map((field) => field.replace(/\\(.)/g, '$1')) ?? [];
    if (fields.length === 5 && wanted.every((value, i) => fields[i] === '*' || fields[i] === value))
      return fields[4];
  }
  return undefined;
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
