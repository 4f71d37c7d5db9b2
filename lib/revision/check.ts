import type { Check } from './revision.js';
import { splitStatements } from './statements.js';

const CHECK = /^"((?:[^"\\]|\\.)+)"(?:\s+expect\s+(\S.*))?$/;

/** What is expected where nothing is said. */
export const DEFAULT_EXPECT = 'true';

/** The value of a `@precheck` or `@verify` tag: `"title" expect VALUE`. Null if it is not written like that. */
export function readCheckTag(value: string): { title: string; expect: string } | null {
  const found = CHECK.exec(value);
  const title = found?.[1]?.replace(/\\(.)/g, '$1').trim();
  if (title === undefined || title === '') return null;
  return { title, expect: found?.[2] ?? DEFAULT_EXPECT };
}

/** A check whose statements know the file that they stand in. */
export function makeCheck(
  parts: { title: string; expect: string; sql: string; line: number },
  file: string,
): Check {
  return { ...parts, statements: () => splitStatements(parts.sql, { file, line: parts.line }) };
}

/** A check given as an object, or what is wrong with it.  */
export function readCheck(value: unknown): { title: string; expect: string; sql: string } | string {
  if (typeof value !== 'object' || value === null) return `is ${shape(value)}, not { title, sql, expect? }`;
  const {
    title,
    sql,
    expect = DEFAULT_EXPECT,
  } = value as { title?: unknown; sql?: unknown; expect?: unknown };
  if (typeof title !== 'string' || title.trim() === '') return 'has no title';
  if (typeof sql !== 'string' || sql.trim() === '') return 'has no sql';
  if (!['string', 'number', 'boolean', 'bigint'].includes(typeof expect))
    return `expects ${shape(expect)}, not a text`;
  return { title, expect: String(expect), sql };
}

/** What a value is, in words for a message. */
export function shape(value: unknown): string {
  if (value === null || value === undefined || value === '') return value === '' ? 'empty' : String(value);
  return Array.isArray(value) ? 'an array' : `${/^[aeiou]/.test(typeof value) ? 'an' : 'a'} ${typeof value}`;
}
