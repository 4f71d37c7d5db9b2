import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withoutSecrets } from '../../lib/errors/secrets.js';
import { defineRevision, type Event, isRevgraphError, log, status, undo, upgrade } from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';

/* Passwords in statements are in no error, no event, no output and no ledger. */

const SECRET = 'hunter2Secret';

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const ledger = async () => JSON.stringify(await database.query('SELECT * FROM revgraph_ledger'));

test.each([
  ['a role', `CREATE ROLE postgres LOGIN PASSWORD '${SECRET}'`],
  ['with the old words', `ALTER ROLE nosuch WITH ENCRYPTED PASSWORD E'${SECRET}\\n'`],
  ['in dollar quotes', `ALTER ROLE nosuch PASSWORD $x$${SECRET}$x$`],
  [
    'a user mapping',
    `CREATE USER MAPPING FOR CURRENT_USER SERVER nosuch OPTIONS (user 'u', password '${SECRET}')`,
  ],
  ['a connection string', `SELECT nosuch('host=h user=u password=${SECRET} dbname=d')`],
  ['a URL', `SELECT nosuch('postgresql://u:${SECRET}@h/d')`],
  ['a subscription', `CREATE SUBSCRIPTION s CONNECTION 'host=h password=${SECRET}' PUBLICATION nosuch.p`],
  [
    'a message of the server',
    `DO $$ BEGIN RAISE EXCEPTION 'cannot connect to postgres://u:${SECRET}@h/d'; END $$`,
  ],
])('of %s', async (_, statement) => {
  for (const more of [{}, { transaction: 'none' }] as const) {
    const failing = defineRevision({ revision: 'r', ...more, upgrade: statement });
    const events: Event[] = [];
    const error = await upgrade({
      revisions: [failing],
      database: database.url,
      onEvent: (event) => void events.push(event),
    }).catch((thrown: unknown) => thrown);
    if (!isRevgraphError(error)) throw error;
    expect(JSON.stringify([error.message, error.hint, error.details, error.toJSON(), events])).not.toContain(
      SECRET,
    );
    expect(error.code).toMatch(/step_failed|statement_|preflight_refused/);
    expect(await ledger().catch(() => '')).not.toContain(SECRET);
    await database.query('DROP TABLE IF EXISTS revgraph_ledger, revgraph_version');
  }
});

test('on the command line, with the lines as they are in the file', async () => {
  const folder = folderWith({
    'revisions/a.sql': sql('a', {
      upgrade: `CREATE TABLE t ();\nCREATE ROLE postgres\n  PASSWORD '${SECRET}';`,
      downgrade: 'DROP TABLE t;',
    }),
  });
  for (const more of [[], ['--json']]) {
    const { stdout, stderr } = await run(folder, [
      'upgrade',
      '--url',
      database.url,
      '--no-preflight',
      ...more,
    ]);
    expect(stdout + stderr).not.toContain(SECRET);
    expect(stdout + stderr).toContain("PASSWORD '…'");
  }
  expect(
    JSON.stringify(await log({ revisions: `${folder}/revisions`, database: database.url })),
  ).not.toContain(SECRET);
});

test('a way back that sets a password is not kept; what runs has it as it is', async () => {
  const role = `secret_${Date.now()}`;
  const revision = defineRevision({
    revision: 'a',
    upgrade: `CREATE ROLE ${role} LOGIN PASSWORD '${SECRET}'`,
    downgrade: `ALTER ROLE ${role} PASSWORD '${SECRET}'; DROP ROLE ${role}`,
  });
  const on = { revisions: [revision], database: database.url };
  await upgrade(on);
  expect(await ledger()).not.toContain(SECRET);
  const url = new URL(database.url);
  url.username = role;
  url.password = SECRET;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  await client.end();
  expect((await status({ ...on, revisions: [] })).unknown).toMatchObject([{ kept: false }]);
  await undo({ ...on, target: 'a' });
});

test('what is no secret stays', () => {
  for (const text of [
    'ALTER TABLE users ADD COLUMN password text NOT NULL',
    'CREATE INDEX ON passwords (user_id)',
    "SELECT 'https://example.org/a:b@c'",
    'ALTER ROLE x PASSWORD NULL',
    'https://host/path',
  ])
    expect(withoutSecrets(text)).toBe(text);
  expect(withoutSecrets("PASSWORD 'a\nb\nc' VALID UNTIL 'x'")).toBe("PASSWORD '…\n\n' VALID UNTIL 'x'");
  // No text takes long.
  const begun = performance.now();
  withoutSecrets(`${'://a'.repeat(50_000)} ${"password '".repeat(20_000)} ${'secret='.repeat(20_000)}`);
  expect(performance.now() - begun).toBeLessThan(2_000);
});
