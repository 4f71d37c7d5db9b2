import { afterAll, beforeAll, expect, test } from 'vitest';
import { accept, boot, forget, type RevgraphError, retry, stamp, status, upgrade } from '../../lib/index.js';
import { freshDatabase } from '../support/databases.js';
import { databasePerTest, tableRevision as make } from '../support/history.js';

/* What writes rows or the ledger asks for the right to do so first; a dry run, which writes nothing, says the same. */

const { database, on } = databasePerTest();
// A name that is another one without quotes.
const reader = `Rg-Reader ${process.pid}`;
const quoted = `"${reader}"`;

const asSuperuser = async (sql: string): Promise<void> => {
  const { query, drop } = await freshDatabase();
  await query(sql);
  await drop();
};
beforeAll(() => asSuperuser(`CREATE ROLE ${quoted} LOGIN PASSWORD 'pw'`));
afterAll(() => asSuperuser(`DROP ROLE ${quoted}`));

const asReader = (): string => {
  const url = new URL(database.url);
  url.username = reader;
  url.password = 'pw';
  return url.href;
};
const refusalOf = (action: Promise<unknown>): Promise<RevgraphError> =>
  action.then(
    () => Promise.reject(new Error('it was not refused')),
    (error) => error as RevgraphError,
  );

const fails = make('a3', ['a2'], { upgrade: 'SELECT 1 / 0' });
const revisions = [make('a1'), make('a2', ['a1']), fails];
const edited = [make('a1', [], { upgrade: 'CREATE TABLE t_a1 (other int)' }), make('a2', ['a1']), fails];
const without = [make('a1')];

/** On a database that has a1 and a2, and where a3 failed. */
const DECISIONS: Record<string, (how: { database: string; dryRun: boolean }) => Promise<unknown>> = {
  stamp: (how) => stamp({ ...how, revisions, target: 'a1', confirmed: true }),
  accept: (how) => accept({ ...how, revisions: edited, revision: 'a1', reason: 'meant' }),
  forget: (how) => forget({ ...how, revisions: without, revision: 'a2', reason: 'gone', confirmed: true }),
  retry: (how) => retry({ ...how, revisions, revision: 'a3', reason: 'again' }),
};

test.each(Object.keys(DECISIONS))('%s: without the right, and where nothing can be written', async (name) => {
  const decision = DECISIONS[name] as (typeof DECISIONS)[string];
  await expect(upgrade(on(revisions))).rejects.toMatchObject({ code: 'step_failed' });
  await database.query(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${quoted}`);
  const [asked, ran] = await Promise.all(
    [true, false].map((dryRun) => refusalOf(decision({ database: asReader(), dryRun }))),
  );
  expect(asked).toMatchObject({ code: 'permission_denied', message: ran?.message, hint: ran?.hint });
  // Who moves no row needs no right on the rows.
  const onRows =
    name === 'accept' || name === 'retry'
      ? ''
      : `${reader} does not have INSERT, UPDATE, DELETE on TABLE public.revgraph_version; `;
  expect(asked?.message).toContain(
    `ledger: ${onRows}${reader} does not have INSERT on TABLE public.revgraph_ledger`,
  );

  await database.query(asked?.hint as string);
  await database.query(
    `ALTER ROLE ${quoted} IN DATABASE "${database.name}" SET default_transaction_read_only = on`,
  );
  for (const dryRun of [true, false])
    expect(await refusalOf(decision({ database: asReader(), dryRun }))).toMatchObject({
      code: 'server_read_only',
      details: { why: 'setting' },
    });

  await database.query(
    `ALTER ROLE ${quoted} IN DATABASE "${database.name}" RESET default_transaction_read_only`,
  );
  for (const dryRun of [true, false]) await decision({ database: asReader(), dryRun });
});

test('a table that is still to be made wants a schema in which it may be made', async () => {
  await database.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
  const stamped = (dryRun: boolean) => stamp({ database: asReader(), revisions, target: 'a1', dryRun });
  for (const dryRun of [true, false]) {
    const refused = await refusalOf(stamped(dryRun));
    expect(refused).toMatchObject({
      code: 'permission_denied',
      hint: `GRANT CREATE ON SCHEMA public TO ${quoted};`,
    });
  }
  await database.query(`GRANT CREATE ON SCHEMA public TO ${quoted}`);
  expect(await stamped(false)).toMatchObject({ to: ['a1'] });
});

test('what row security hides is not taken for nothing, and what it keeps from the role is no surprise', async () => {
  await upgrade({ ...on([make('a1')]) });
  await database.query(
    `GRANT ALL ON ALL TABLES IN SCHEMA public TO ${quoted}; GRANT ALL ON SCHEMA public TO ${quoted};
     ALTER TABLE revgraph_version ENABLE ROW LEVEL SECURITY; ALTER TABLE revgraph_ledger ENABLE ROW LEVEL SECURITY`,
  );
  const asked = { database: asReader(), revisions: [make('a1'), make('a2', ['a1'])] };
  const ways: Record<string, () => Promise<unknown>> = {
    upgrade: () => upgrade(asked),
    'a dry run': () => upgrade({ ...asked, dryRun: true }),
    boot: () => boot(asked),
    stamp: () => stamp({ ...asked, target: 'head' }),
    status: () => status(asked),
  };
  for (const way of Object.values(ways))
    expect(await refusalOf(way())).toMatchObject({
      code: 'rows_hidden',
      exitValue: 4,
      message: `Row security hides all rows of revgraph_version, revgraph_ledger from ${reader}, so nobody knows what ran. Nothing was run.`,
    });

  // Seen, and not to be written.
  await database.query(
    `CREATE POLICY p ON revgraph_version USING (true); CREATE POLICY p ON revgraph_ledger FOR SELECT TO ${quoted} USING (true)`,
  );
  expect(await status(asked)).toMatchObject({ applied: ['a1'], pending: ['a2'] });
  const kept = `row security keeps ${reader} from INSERT`;
  for (const dryRun of [true, false]) {
    expect((await refusalOf(stamp({ ...asked, target: 'head', dryRun }))).message).toContain(kept);
    const refused = await refusalOf(upgrade({ ...asked, dryRun }));
    expect(refused).toMatchObject({ code: 'preflight_refused', message: expect.stringContaining(kept) });
  }
  await database.query('ALTER TABLE public.revgraph_ledger DISABLE ROW LEVEL SECURITY');
  expect(await upgrade(asked)).toMatchObject({ to: ['a2'] });
});

test('what goes into the schema that the first revision makes needs no right on the one that is there', async () => {
  await database.query(
    `REVOKE CREATE ON SCHEMA public FROM PUBLIC; GRANT CREATE ON DATABASE "${database.name}" TO ${quoted}`,
  );
  const makes = make('a1', [], { upgrade: 'CREATE SCHEMA app; CREATE TABLE t_a1 (id int)' });
  const asked = { database: asReader(), revisions: [makes, make('a2', ['a1'])], schema: 'app' };
  for (const dryRun of [true, false]) await upgrade({ ...asked, dryRun });
  expect(await status(asked)).toMatchObject({ state: 'current' });
  // Without the schema of its own it does need that one.
  const refused = await refusalOf(upgrade({ ...asked, revisions: [make('b1')], schema: undefined }));
  expect(refused.message).toContain('CREATE in schema public');
});
