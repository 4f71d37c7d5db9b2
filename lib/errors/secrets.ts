const BLANK = '…';

/** Where none of these stands, nothing has to be looked for. */
const MAY_HAVE = /pass|pwd|secret|:\/\//i;

/** `PASSWORD 'x'`, also as an option of a foreign server or a user mapping; dollar quotes and escape strings too. */
const OF_SQL =
  /\b((?:encrypted\s+)?passw(?:or)?d\s+)(?:e?'(?:[^'\\]|''|\\[\s\S])*(?:'|$)|\$(\w*)\$[\s\S]*?(?:\$\2\$|$))/gi;

/** `password=x`, `"secret": "x"`: of connection strings, also within a string of SQL, of settings and of JSON. */
const OF_SETTINGS =
  /\b((?:\w{0,40}(?:password|passwd|passphrase|pwd|secret)|pass)["']?\s{0,9}(?:=>|[=:])\s{0,9})("(?:[^"\\]|\\.)*"|'(?:[^'\\]|''|\\.)*'|[^\s"',;&)]+)/gi;

/** `postgres://user:x@host`. */
const OF_URL = /(:\/\/[^\s:/@'"]{0,200}):[^\s@'"]{1,500}@/g;

/**
 * Text without passwords: of a statement that failed or is recorded, of what a server or code said. It keeps its line ends, so that
 * lines count as before.
 */
export function withoutSecrets(text: string): string {
  if (!MAY_HAVE.test(text)) return text;
  const kept = (found: string): string => `${BLANK}${'\n'.repeat(found.split('\n').length - 1)}`;
  return text
    .replace(OF_SQL, (found, word: string) => `${word}'${kept(found)}'`)
    .replace(OF_SETTINGS, (_, word: string) => `${word}${BLANK}`)
    .replace(OF_URL, (_, before: string) => `${before}:${BLANK}@`);
}

/** The same for every text in plain data. */
export function dataWithoutSecrets<T>(value: T): T {
  if (typeof value === 'string') return withoutSecrets(value) as T;
  if (Array.isArray(value)) return value.map(dataWithoutSecrets) as T;
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, dataWithoutSecrets(one)])) as T;
}
