import { randomBytes } from 'node:crypto';
import { newDb } from 'pg-mem';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { boot, defineRevision, downgrade, status, upgrade } from '../../lib/index.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { countingProxy } from '../support/proxy.js';

/* A server that refuses the first look is still a server: without its version and its catalog nothing is run. */

const revisions = [
  defineRevision({ revision: 'a', upgrade: 'CREATE TABLE a (id int)', downgrade: 'DROP TABLE a' }),
  defineRevision({
    revision: 'b',
    revises: 'a',
    upgrade: 'CREATE SCHEMA s',
    downgrade: 'DROP SCHEMA s CASCADE',
  }),
];
const role = `role_${randomBytes(6).toString('hex')}`;
let database: TestDatabase;
let url: string;

beforeAll(async () => {
  const any = await freshDatabase();
  await any.query(`CREATE ROLE ${role} LOGIN PASSWORD 'only-for-tests'`);
  await any.drop();
});
beforeEach(async () => {
  database = await freshDatabase();
  await database.query(
    `GRANT ALL ON SCHEMA public TO ${role}; GRANT ALL ON DATABASE ${database.name} TO ${role}`,
  );
  const as = new URL(database.url);
  as.username = role;
  as.password = 'only-for-tests';
  url = as.href;
  return () => database.drop();
});
afterAll(async () => {
  const any = await freshDatabase();
  await any.query(`DROP ROLE ${role}`);
  await any.drop();
});

const tables = () => database.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1");
const refused = (action: Promise<unknown>, reason: RegExp) =>
  expect(action).rejects.toMatchObject({ code: 'permission_denied', message: expect.stringMatching(reason) });

describe('a role that may not ask', () => {
  test('who answers: nothing is run', async () => {
    await database.query('REVOKE EXECUTE ON FUNCTION pg_backend_pid() FROM PUBLIC');
    await refused(upgrade({ revisions, database: url, lock: 'off' }), /pg_backend_pid/);
    await refused(boot({ revisions, database: url, lock: 'off' }), /pg_backend_pid/);
    expect(await tables()).toEqual([]);
  });

  test('whether there are tables: the database is neither empty nor legacy', async () => {
    await database.query('CREATE TABLE hidden (id int); REVOKE SELECT ON pg_depend FROM PUBLIC');
    await refused(status({ revisions, database: url }), /pg_depend/);
  });

  test('which database it is: that is not another database', async () => {
    await database.query('REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC');
    const expected = { revisions, database: url, expect: { systemIdentifier: '1' } };
    await refused(status(expected), /pg_control_system/);
  });

  test('which tables a downgrade takes away: nobody is told that nothing is lost', async () => {
    await upgrade({ revisions, database: url });
    await database.query('CREATE TABLE s.t (id int); INSERT INTO s.t VALUES (1)');
    await database.query(`DO $$ BEGIN
      REVOKE SELECT ON pg_class FROM PUBLIC;
      EXECUTE (SELECT 'GRANT SELECT (' || string_agg(quote_ident(attname), ', ') || ') ON pg_class TO PUBLIC'
               FROM pg_attribute WHERE attrelid = 'pg_class'::regclass AND NOT attisdropped AND attname <> 'relispartition');
    END $$`);
    await refused(downgrade({ revisions, database: url, target: 'a' }), /pg_class/);
    expect(await database.query('SELECT id FROM s.t')).toEqual([{ id: 1 }]);
  });

  test('which relations a plan touches: the plan is not taken for one that touches none', async () => {
    await upgrade({ revisions, database: url });
    await database.query('REVOKE EXECUTE ON FUNCTION pg_table_is_visible(oid) FROM PUBLIC');
    await refused(downgrade({ revisions, database: url, target: 'base' }), /pg_table_is_visible/);
    expect(await tables()).toContainEqual({ tablename: 'a' });
  });
});

test('a question whose answer is only advice may fail, and the next one is asked all the same', async () => {
  await database.query('REVOKE SELECT ON pg_prepared_xacts FROM PUBLIC');
  expect((await upgrade({ revisions, database: url })).to).toEqual(['b']);
});

test('pg-mem is known by its own error, with and without its explanations', async () => {
  for (const noErrorDiagnostic of [false, true]) {
    const { Client } = newDb({ noErrorDiagnostic }).adapters.createPg();
    const options = { revisions: revisions.slice(0, 1), database: new Client(), lock: 'off' } as const;
    expect((await status(options)).state).toBe('empty');
    expect((await upgrade(options)).to).toEqual(['a']);
  }
});

test('no statement fails on purpose: nothing of a run that goes well is an error in the log of the server', async () => {
  const proxy = await countingProxy(database.url);
  const on = { revisions, database: proxy.url };
  const look = async () => {
    const before = proxy.roundTrips();
    await status(on);
    return proxy.roundTrips() - before;
  };
  expect(await status(on)).toMatchObject({ state: 'empty', current: [] });
  await expect(boot({ ...on, policy: 'verify' })).rejects.toMatchObject({ code: 'not_current' });
  await boot(on);
  expect(await status(on)).toMatchObject({ state: 'current', current: ['b'] });
  await downgrade({ ...on, target: 'base', confirmed: true });
  await database.query(
    'CREATE TABLE alembic_version (version_num varchar(32)); DROP TABLE revgraph_version, revgraph_ledger',
  );
  expect(await status(on)).toMatchObject({ current: [], versionTable: 'alembic_version' });
  await database.query("INSERT INTO alembic_version VALUES ('b')");
  expect([await look(), (await status(on)).current]).toEqual([1, ['b']]);
  expect((await upgrade(on)).steps).toEqual([]);
  expect(proxy.failures()).toEqual([]);
});
