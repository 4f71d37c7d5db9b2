import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { stamp, upgrade } from '../../lib/index.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { hasPgBouncer, type PgBouncer, startPgBouncer } from '../support/pgbouncer.js';
import { folderWith, sql } from '../support/project.js';

/* Behind PgBouncer: what is no lock is refused before anything runs, and the locks that are one keep runs apart. */

const IDS = ['a', 'b', 'c', 'd'];
/** Each revision notes that it ran; a number that comes twice fails. */
const FILES = Object.fromEntries(
  IDS.map((id, i) => {
    const table = i === 0 ? 'CREATE TABLE ran (id text);' : '';
    const upgradeSql = `${table}INSERT INTO ran VALUES ('${id}');\nSELECT pg_sleep(0.05);`;
    return [
      `${id}.sql`,
      sql(id, { ...(i === 0 ? {} : { revises: IDS[i - 1] as string }), upgrade: upgradeSql }),
    ];
  }),
);
const NONE = {
  'n.sql': sql('n', {
    header: '-- @transaction none',
    upgrade: 'CREATE TABLE n (id int);',
    downgrade: 'DROP TABLE n;',
  }),
};

const WAYS = ['server', 'client', 'pool'] as const;

describe.skipIf(!hasPgBouncer)('PgBouncer in transaction mode (skipped where it is not installed)', () => {
  describe.each([1, 5, 20])('with a pool of %i', (size) => {
    let bouncer: PgBouncer;
    let database: TestDatabase;
    beforeAll(async () => {
      bouncer = await startPgBouncer(inject('serverUrl'), 'transaction', size);
      database = await freshDatabase();
    });
    afterAll(async () => {
      await bouncer.stop();
      await database.drop();
    });

    const sources = {
      server: async () => bouncer.url(database.name),
      client: async () => {
        const client = new pg.Client({ connectionString: bouncer.url(database.name) });
        client.on('error', () => {});
        await client.connect();
        onTestFinished(() => client.end());
        return client;
      },
      pool: async () => {
        const pool = new pg.Pool({ connectionString: bouncer.url(database.name) });
        pool.on('error', () => {});
        onTestFinished(() => pool.end());
        return pool;
      },
    };

    test.each(WAYS)('is refused by a lone run, given a %s, and no lock stays', async (way) => {
      const refused = upgrade({ revisions: folderWith(FILES), database: await sources[way]() });
      await expect(refused).rejects.toMatchObject({ code: 'pooler_detected', exitValue: 4 });
      expect(await database.query("SELECT to_regclass('ran') AS ran")).toEqual([{ ran: null }]);
      const locks =
        "SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
      expect(await database.query(locks)).toEqual([]);
    });
  });

  test.each([
    ['transaction', 4],
    ['transaction', 20],
    ['row', 4],
    ['row', 20],
  ] as const)('lock %s keeps runs apart, with a pool of %i', async (lock, size) => {
    const bouncer = await startPgBouncer(inject('serverUrl'), 'transaction', size);
    const database = await freshDatabase();
    onTestFinished(async () => {
      await bouncer.stop();
      await database.drop();
    });
    const revisions = folderWith(FILES);
    const runs = Array.from({ length: 8 }, () =>
      upgrade({ revisions, database: bouncer.url(database.name), lock, lockWaitMs: 60_000 }),
    );
    const results = await Promise.all(runs);
    expect(results.flatMap(({ steps }) => steps.map(({ revision }) => revision))).toEqual(IDS);
    expect(await database.query('SELECT array_agg(id ORDER BY id) AS ids FROM ran')).toEqual([{ ids: IDS }]);
    const locks =
      "SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    expect(await database.query(locks)).toEqual([]);
  });

  test('in session mode it is as good as a server', async () => {
    const bouncer = await startPgBouncer(inject('serverUrl'), 'session', 5);
    const database = await freshDatabase();
    onTestFinished(async () => {
      await bouncer.stop();
      await database.drop();
    });
    const { to } = await upgrade({
      revisions: folderWith({ ...FILES, ...NONE }),
      database: bouncer.url(database.name),
      target: 'heads',
    });
    expect(to).toEqual(['d', 'n']);
  });
});

describe.each(['transaction', 'row'] as const)('lock %s', (lock) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  test('steps outside of a transaction are refused before anything runs', async () => {
    const run = upgrade({
      revisions: folderWith({ ...FILES, ...NONE }),
      database: database.url,
      lock,
      target: 'heads',
    });
    await expect(run).rejects.toMatchObject({
      code: 'lock_guards_no_step',
      exitValue: 4,
      details: { revisions: ['n'] },
    });
    expect(await database.query("SELECT to_regclass('ran') AS ran")).toEqual([{ ran: null }]);
  });

  test('a run that lost it changes nothing, whatever it had done in its step', async () => {
    const ends = {
      transaction: `SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      row: "UPDATE public.revgraph_lock SET holder = 'another one'",
    };
    const taken = `/**\n * b\n * @revision b\n * @revises a\n */\nexport async function upgrade({ db }) { await db.query("INSERT INTO ran VALUES ('b')"); await globalThis.takeLock(); }\n`;
    const revisions = folderWith({ 'a.sql': FILES['a.sql'] as string, 'b.mjs': taken });
    Object.assign(globalThis, { takeLock: () => database.query(ends[lock]) });
    const run = upgrade({ revisions, database: database.url, lock });
    await expect(run).rejects.toMatchObject({
      code: 'step_failed',
      details: { failed: 'b', remains: 'nothing' },
    });
    expect(await database.query('SELECT id FROM ran')).toEqual([{ id: 'a' }]);
    expect(await database.query('SELECT revision FROM revgraph_version')).toEqual([{ revision: 'a' }]);
    await database.query('DROP TABLE IF EXISTS ran, revgraph_version, revgraph_ledger, revgraph_lock');
  });

  test('a run that another one has overtaken between two steps changes nothing', async () => {
    const revisions = folderWith(FILES);
    const overtaken = upgrade({
      revisions,
      database: database.url,
      lock,
      onEvent: (event) => {
        if (event.type !== 'step-started' || event.revision !== 'b') return;
        // As what another run leaves whose lock this one could not see.
        waits.push(database.query("UPDATE revgraph_version SET revision = 'b'"));
      },
    });
    const waits: Promise<unknown>[] = [];
    const error = await overtaken.catch((thrown: unknown) => thrown);
    await Promise.all(waits);
    // Either it came too late, or it is seen.
    if (error instanceof Error) expect(error).toMatchObject({ code: 'step_failed' });
    const ran = await database.query("SELECT count(*)::int AS n FROM ran WHERE id = 'b'");
    expect((ran[0] as { n: number }).n).toBeLessThanOrEqual(1);
    await database.query('DROP TABLE IF EXISTS ran, revgraph_version, revgraph_ledger, revgraph_lock');
  });

  test('a stamp is written under it, and what waits is told who has it', async () => {
    const revisions = folderWith(FILES);
    await stamp({ revisions, database: database.url, lock, target: 'a', confirmed: true });
    expect(await database.query('SELECT revision FROM revgraph_version')).toEqual([{ revision: 'a' }]);
  });
});

test('a lease that nobody renews is over, and the next run takes it', async () => {
  const database = await freshDatabase();
  onTestFinished(() => database.drop());
  const revisions = folderWith(FILES);
  await upgrade({ revisions, database: database.url, lock: 'row', target: 'a' });
  // As a process that was killed leaves it.
  const lease = (expires: string) =>
    database.query(`INSERT INTO revgraph_lock VALUES ('revgraph_version', 'a dead one', now() - interval '1 minute', ${expires})
      ON CONFLICT (name) DO UPDATE SET expires_at = excluded.expires_at`);
  await lease("now() + interval '1 hour'");
  const held = upgrade({ revisions, database: database.url, lock: 'row', lockWaitMs: 200 });
  await expect(held).rejects.toMatchObject({
    code: 'lock_not_obtained',
    message: expect.stringContaining('a dead one'),
  });
  await lease("now() - interval '1 second'");
  expect((await upgrade({ revisions, database: database.url, lock: 'row' })).to).toEqual(['d']);
  expect(await database.query('SELECT FROM revgraph_lock')).toEqual([]);
});
