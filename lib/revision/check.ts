import { idProblem } from '../graph/name.js';
import type { Check } from './revision.js';

const CHECK = /^"((?:[^"\\]|\\.)+)"(?:\s+expect\s+(\S.*?))?(?:\s+until\s+(\S+))?$/;

/** What a check says beside its SQL. */
export interface CheckWords {
  readonly title: string;
  readonly expect: string;
  /** The revision that ends it; null where it stands for good. */
  readonly until: string | null;
}

/** What is expected where nothing is said. */
export const DEFAULT_EXPECT = 'true';

/** The value of a `@precheck` or `@verify` tag: `"title" expect VALUE until REV`. Null if it is not written like that. */
export function readCheckTag(value: string): CheckWords | null {
  const found = CHECK.exec(value);
  const title = found?.[1]?.replace(/\\(.)/g, '$1').trim();
  const until = found?.[3] ?? null;
  if (title === undefined || title === '' || (until !== null && idProblem(until) !== null)) return null;
  return { title, expect: found?.[2] ?? DEFAULT_EXPECT, until };
}

/** Why a precheck can't end. */
export const ONCE = 'a precheck runs only before its own step';

/** A check whose statements know the file that they stand in. */
export function makeCheck(parts: CheckWords & { sql: string; line: number }, file: string): Check {
  return {
    ...parts,
    // Lists and graphs have no use for PostgreSQL's tokens.
    statements: async () => {
      const { splitStatements } = await import('../sql/statements.js');
      return splitStatements(parts.sql, { file, line: parts.line });
    },
  };
}

/** A check given as an object, or what is wrong with it. Only a `verify` may say `until`. */
export function readCheck(
  value: unknown,
  name: 'precheck' | 'verify' = 'verify',
): (CheckWords & { sql: string }) | string {
  if (typeof value !== 'object' || value === null) return `is ${shape(value)}, not { title, sql, expect? }`;
  const {
    title,
    sql,
    expect = DEFAULT_EXPECT,
    until = null,
  } = value as { title?: unknown; sql?: unknown; expect?: unknown; until?: unknown };
  if (typeof title !== 'string' || title.trim() === '') return 'has no title';
  if (typeof sql !== 'string' || sql.trim() === '') return 'has no sql';
  if (!['string', 'number', 'boolean', 'bigint'].includes(typeof expect))
    return `expects ${shape(expect)}, not a string`;
  if (until !== null && name === 'precheck') return `has until, but ${ONCE}`;
  if (until !== null && (typeof until !== 'string' || idProblem(until) !== null))
    return `has until ${JSON.stringify(until)}, which is not a valid id`;
  return { title, expect: String(expect), sql, until };
}

/** What a value is, in words for a message. */
export function shape(value: unknown): string {
  if (value === null || value === undefined || value === '') return value === '' ? 'empty' : String(value);
  return Array.isArray(value) ? 'an array' : `${/^[aeiou]/.test(typeof value) ? 'an' : 'a'} ${typeof value}`;
}
