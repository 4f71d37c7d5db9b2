import type { Expect } from '../config/options.js';
import { readIdentity } from '../database/connection/identity.js';
import type { DatabaseSource, Session } from '../database/connection/session.js';
import { RevgraphError } from '../errors/error.js';

/** A key of `expect` that the database does not match. */
export interface Mismatch {
  readonly what: string;
  readonly expected: readonly string[];
  readonly found: string | null;
}

/** Compares the database with `expect`. Empty if it matches. */
export async function mismatches(
  session: Session,
  source: DatabaseSource,
  expect: Expect,
): Promise<Mismatch[]> {
  const found = await readIdentity(session, source, {
    systemIdentifier: expect.systemIdentifier !== undefined,
  });
  const one = (value: string | null): string[] => (value === null ? [] : [value]);
  const compared: [string, Expect[keyof Expect], readonly string[]][] = [
    ['database', expect.database, one(found.database)],
    ['host', expect.host, found.hosts],
    ['system identifier', expect.systemIdentifier, one(found.systemIdentifier)],
    ['label', expect.label, one(found.label)],
  ];
  return compared.flatMap(([what, wanted, is]) => {
    if (wanted === undefined) return [];
    const expected = [wanted].flat();
    return is.some((value) => expected.includes(value))
      ? []
      : [{ what, expected, found: is.length === 0 ? null : is.join(', ') }];
  });
}

/** @throws `wrong_database` before anything was read or written */
export async function assertExpected(
  session: Session,
  source: DatabaseSource,
  expect: Expect,
): Promise<void> {
  const wrong = await mismatches(session, source, expect);
  if (wrong.length > 0) throw new RevgraphError('wrong_database', { database: session.label, wrong });
}
