import { execFileSync } from 'node:child_process';
import { describe, expect, inject, test } from 'vitest';
import { buildCatalogue } from '../../lib/index.js';
import { type MatrixTestOptions, matrixTests } from '../../lib/testing/index.js';
import { freshDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* matrixTests with a runner that only writes down what it is given; with vitest itself: project-matrix.test.ts. */

async function suiteOf(options: Partial<MatrixTestOptions>) {
  const revisions = folderWith({
    'a.sql': sql('a', { upgrade: 'CREATE TABLE t (id int);', downgrade: 'DROP TABLE t;' }),
  });
  const database = await freshDatabase();
  await buildCatalogue({ revisions, database: database.url });
  await database.drop();
  const tests = new Map<string, () => Promise<void>>();
  const ends: (() => Promise<void>)[] = [];
  const suites: string[] = [];
  matrixTests(
    {
      describe: (name, body) => {
        suites.push(name);
        body();
      },
      test: (name, body, timeoutMs) => tests.set(`${name}, ${timeoutMs} ms`, body),
      afterAll: (body) => ends.push(body),
    },
    { revisions, on: inject('serverUrl'), ...options },
  );
  return { suites, tests, end: () => Promise.all(ends.map((body) => body())) };
}

test('a suite with a test per start and target', async () => {
  const { suites, tests, end } = await suiteOf({ releases: { '1.0.0': 'a' }, targets: ['heads', '1.0.0'] });
  expect(suites).toEqual(['upgrade paths']);
  expect([...tests.keys()]).toEqual([
    'fresh, 120000 ms',
    'fresh → 1.0.0, 120000 ms',
    'release 1.0.0, 120000 ms',
    'release 1.0.0 → 1.0.0, 120000 ms',
  ]);
  for (const body of tests.values()) await body();
  await end();
});

test('a path that fails is a test that fails, with what is to be said', async () => {
  const { tests, end } = await suiteOf({
    checks: [{ title: 'rows', sql: 'SELECT count(*) FROM t', expect: 3 }],
  });
  const [body] = tests.values();
  await expect(body?.()).rejects.toThrow(/^FAILED {2}fresh\n {2}checks: "rows": expected 3, found 0\./);
  await end();
});

test('a start that is not there is said at once, what is wrong with the files by every test', async () => {
  await expect(suiteOf({ only: ['old'] })).rejects.toMatchObject({ code: 'unknown_start' });
  const { tests, end } = await suiteOf({ revisions: 'nowhere' });
  const [body] = tests.values();
  await expect(body?.()).rejects.toMatchObject({ code: 'directory_missing' });
  await end();
});

describe('the package', () => {
  test('has revgraph/testing beside revgraph', () => {
    const script = `
      const [library, testing] = await Promise.all([import('revgraph'), import('revgraph/testing')]);
      console.log(JSON.stringify([typeof library.runMatrix, Object.keys(testing).sort()]));`;
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(JSON.parse(said)).toEqual([
      'function',
      [
        'chaos',
        'createTestDatabase',
        'expectUpDown',
        'matrixTests',
        'throwAwayDatabase',
        'throwAwayDatabases',
      ],
    ]);
  });
});
