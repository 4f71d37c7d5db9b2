import { afterAll, beforeAll, expect, test } from 'vitest';
import { flatten } from '../../lib/fingerprint/flatten.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';

test.each([
  ['CHECK ((((a >= 1) AND (a <= 5)) AND (b > 0)))', 'CHECK (((a >= 1) AND (a <= 5) AND (b > 0)))'],
  ['CHECK (((b > 0) AND ((a >= 1) AND (a <= 5))))', 'CHECK (((b > 0) AND (a >= 1) AND (a <= 5)))'],
  ['((((a OR b) OR c) OR d))', '((a OR b OR c OR d))'],
  // Another operator keeps its parentheses: it means something else without them.
  ['CHECK (((a OR b) AND ((c OR d))))', 'CHECK (((a OR b) AND ((c OR d))))'],
  [
    "CHECK (((t = ') AND ((') AND ((f((a)) AND b) AND c)))",
    "CHECK (((t = ') AND ((') AND f((a)) AND b AND c))",
  ],
  ['CHECK (((x)) AND y)', 'CHECK (((x)) AND y)'],
  ['PRIMARY KEY (id)', 'PRIMARY KEY (id)'],
])('%s', (written, stable) => {
  expect(flatten(written)).toBe(stable);
  expect(flatten(stable)).toBe(stable);
});

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

test('what the server prints is the same once it was printed and read again, as a dump does it', async () => {
  const checks = [
    'a BETWEEN 1 AND 5 AND b > 0',
    'b > 0 AND a BETWEEN 1 AND 5',
    '(a = 1 OR a = 2) AND (b BETWEEN 1 AND 2 OR b BETWEEN 4 AND 5 AND a > 0)',
    'NOT (a BETWEEN 1 AND 5 AND b > 0) OR a IS NULL OR b IS NULL',
    'CASE WHEN a > 1 AND b > 1 THEN a BETWEEN 1 AND 5 AND b > 0 ELSE true END AND a > 0',
  ];
  for (const check of checks) {
    await database.query(
      `DROP TABLE IF EXISTS t; CREATE TABLE t (a int, b int, CONSTRAINT c CHECK (${check}))`,
    );
    const read = async () =>
      String(
        (
          await database.query("SELECT pg_get_constraintdef(oid) AS d FROM pg_constraint WHERE conname = 'c'")
        )[0]?.d,
      );
    const written = await read();
    await database.query(`ALTER TABLE t DROP CONSTRAINT c; ALTER TABLE t ADD CONSTRAINT c ${written}`);
    const restored = await read();
    expect([check, flatten(written)]).toEqual([check, flatten(restored)]);
    // What is flat says the same to the server.
    await database.query(
      `ALTER TABLE t DROP CONSTRAINT c; ALTER TABLE t ADD CONSTRAINT c ${flatten(written)}`,
    );
    expect(flatten(await read())).toBe(flatten(written));
  }
});
