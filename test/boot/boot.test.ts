import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { btree_gin } from '@electric-sql/pglite/contrib/btree_gin';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { uuid_ossp } from '@electric-sql/pglite/contrib/uuid_ossp';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type BootOptions,
  boot,
  doctor,
  type Event,
  loadProject,
  stamp,
  status,
  upgrade,
} from '../../lib/index.js';
import { run } from '../support/command-line.js';
import { freshDatabase, freshPGlite, type TestDatabase } from '../support/databases.js';
import { folderWith, sql, temporaryFolder } from '../support/project.js';
import { countingProxy } from '../support/proxy.js';
import { ROWS, releaseSql } from '../support/releases.js';

/* One call of a service that starts, on every kind of database that it may meet. */

const BASELINE = '20251011_baseline_v106';
const HEAD = 'c64001afbd46';
const WITHOUT_TABLE = 'DROP TABLE IF EXISTS alembic_version;';

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const options = (more: Partial<BootOptions> = {}): BootOptions => ({
  revisions: 'revisions',
  database: database.url,
  ...more,
});
const restore = (release: string, more = '') => database.query(`${releaseSql(release)}\n;${ROWS}${more}`);
const tables = async () => {
  const [row] = await database.query(
    "SELECT to_regclass('revgraph_version') AS version, to_regclass('revgraph_ledger') AS ledger",
  );
  return row;
};
const NOTHING = { version: null, ledger: null };

describe('states', () => {
  test('empty: everything, complete on the first start', async () => {
    const result = await boot(options());
    expect(result).toMatchObject({ state: 'current', found: 'empty', current: [HEAD], stamp: null });
    expect(result.steps).toHaveLength(24);
  });

  test.each([
    ['v1.0.6', [BASELINE], 23],
    ['v1.0.24', ['336ce8830dfe'], 7],
    ['v1.0.28', ['a71d62f22c10'], 4],
  ])('legacy, %s: stamped by evidence, and no further', async (release, rows, steps) => {
    await restore(release, WITHOUT_TABLE);
    const result = await boot(options());
    expect(result).toMatchObject({ state: 'current', found: 'legacy', stamp: rows, current: [HEAD] });
    expect(result.why).toMatch(/by evidence/);
    expect(result.steps).toHaveLength(steps);
    expect((await doctor(options())).ok).toBe(true);
  });

  test('behind, with the version table of Alembic: only what is pending', async () => {
    await restore('v1.0.24');
    const result = await boot(options());
    expect(result).toMatchObject({ found: 'behind', stamp: null, current: [HEAD] });
    expect(result.steps).toHaveLength(7);
  });

  test('a version table of Alembic without rows claims nothing: the schema says where it is', async () => {
    await restore('v1.0.6', 'CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);');
    expect(await boot(options())).toMatchObject({ stamp: [BASELINE], current: [HEAD] });
    expect(await database.query('SELECT * FROM alembic_version')).toEqual([{ version_num: HEAD }]);
  });

  test('other people’s tables beside a version table that says base: everything', async () => {
    await database.query('CREATE TABLE theirs (id int)');
    await stamp({ revisions: 'revisions', database: database.url, target: ['base'], confirmed: true });
    expect((await boot(options())).steps).toHaveLength(24);
  });

  test('current: one round trip after connecting, and the catalogue is not read', async () => {
    const folder = temporaryFolder();
    cpSync('revisions', folder, { recursive: true });
    writeFileSync(join(folder, 'catalogue.json'), 'this is no catalogue');
    await upgrade({ revisions: folder, database: database.url });
    const proxy = await countingProxy(database.url);
    expect(await boot(options({ revisions: folder, database: proxy.url }))).toMatchObject({
      state: 'current',
      found: 'current',
      steps: [],
    });
    expect(proxy.roundTrips()).toBe(1);
  });

  test('ahead: by policy', async () => {
    await upgrade({ revisions: 'revisions', database: database.url });
    await database.query("UPDATE revgraph_version SET revision = 'from_tomorrow'");
    await expect(boot(options())).rejects.toMatchObject({ code: 'unknown_row' });
    expect(await boot(options({ unknownRows: 'warn' }))).toMatchObject({ state: 'ahead', steps: [] });
  });

  test('contradicted: refused with the revisions that never ran, database untouched', async () => {
    await restore('v1.0.6');
    await stamp({
      revisions: 'revisions',
      database: database.url,
      target: ['a1b2c3d4e5f6'],
      confirmed: true,
    });
    const ledger = async () => database.query('SELECT count(*)::int AS n FROM revgraph_ledger');
    const before = await ledger();
    const refused = await boot(options()).catch((error) => error);
    expect(refused).toMatchObject({ code: 'contradicted', exitValue: 4 });
    expect(refused.details.missing).toHaveLength(14);
    expect(refused.hint).toContain('revgraph repair');
    expect((await status({ revisions: 'revisions', database: database.url })).current).toEqual([
      'a1b2c3d4e5f6',
    ]);
    expect(await ledger()).toEqual(before);
    expect((await boot(options({ evidence: 'off' }))).steps).toHaveLength(9);
  });

  test('unidentified: refused with the nearest candidates, database untouched', async () => {
    await database.query(releaseSql('v1.0.2'));
    await expect(boot(options())).rejects.toMatchObject({ code: 'unidentified', exitValue: 4 });
    expect(await tables()).toEqual(NOTHING);
  });

  test('only other people’s tables, and nobody said base: refused', async () => {
    await database.query('CREATE TABLE theirs (id int)');
    await expect(boot(options())).rejects.toMatchObject({
      code: 'unidentified',
      message: expect.stringContaining('none of these revisions created them'),
    });
    expect(await tables()).toEqual(NOTHING);
  });
});

describe('stamp and upgrade are one operation', () => {
  test('a precheck that fails leaves no stamp', async () => {
    await restore(
      'v1.0.6',
      "INSERT INTO universal_users (universal_id, primary_username, preferences) VALUES ('bad', 'b', 'no json');",
    );
    await expect(boot(options())).rejects.toMatchObject({ code: 'check_failed' });
    expect(await tables()).toEqual(NOTHING);
  });

  test('a step that fails leaves the rows at what ran', async () => {
    await restore('v1.0.6', 'CREATE INDEX bot_deployments ON characters (id);');
    await expect(boot(options({ preflight: 'off' }))).rejects.toMatchObject({
      code: 'step_failed',
      details: { failed: '5228ee1af938', applied: expect.arrayContaining(['eaae2e8f35f2']) },
    });
    const { current } = await status({ revisions: 'revisions', database: database.url });
    expect(current).toEqual(['20251019_conv_summaries', 'eaae2e8f35f2']);
    expect((await doctor({ revisions: 'revisions', database: database.url })).missing).toEqual([]);
  });

  test('with a word instead of evidence: the ledger keeps both', async () => {
    await restore('v1.0.6', "ALTER TABLE universal_users ALTER email SET DEFAULT 'x';");
    await expect(boot(options())).rejects.toMatchObject({ code: 'unidentified' });
    const override = { revision: BASELINE, reason: 'the default was changed by hand' };
    const result = await boot(options({ override }));
    expect(result).toMatchObject({ stamp: [BASELINE], current: [HEAD] });
    expect(result.why).toMatch(/changed by hand \(overrules the evidence: drifted/);
  });

  test('a dry run says what would be done, and does nothing', async () => {
    await restore('v1.0.6');
    const result = await boot(options({ dryRun: true }));
    expect(result).toMatchObject({ state: 'legacy', stamp: [BASELINE], dryRun: true });
    expect(result.steps).toHaveLength(23);
    expect(await tables()).toEqual(NOTHING);
  });
});

describe('policies', () => {
  test('verify: refuses what is not current, and runs nothing', async () => {
    const refused = await boot(options({ policy: 'verify' })).catch((error) => error);
    expect(refused).toMatchObject({ code: 'not_current', exitValue: 5, details: { state: 'empty' } });
    expect(await tables()).toEqual(NOTHING);
    await boot(options());
    expect(await boot(options({ policy: 'verify' }))).toMatchObject({ state: 'current' });
  });

  test('skip: one look, and on', async () => {
    expect(await boot(options({ policy: 'skip' }))).toMatchObject({ state: 'empty', steps: [] });
    expect(await tables()).toEqual(NOTHING);
  });

  test('wait: until somebody else has done it', async () => {
    const waiting = boot(options({ policy: 'wait' }));
    await boot(options());
    expect(await waiting).toMatchObject({ state: 'current', found: 'empty', steps: [] });
  });

  test.each(['migrate', 'wait', 'skip'] as const)('%s: a dry run says so, at once', async (policy) => {
    const begun = Date.now();
    const asked = options({ policy, dryRun: true, waitMs: 60_000 });
    expect(await boot(asked)).toMatchObject({ state: 'empty', found: 'empty', dryRun: true });
    expect(Date.now() - begun).toBeLessThan(30_000);
    expect(await tables()).toEqual(NOTHING);
    await boot(options());
    expect(await boot(asked)).toMatchObject({ state: 'current', dryRun: true });
    expect(await boot({ ...asked, dryRun: false })).toMatchObject({ dryRun: false });
  });

  test('wait: not for ever, and not after an abort', async () => {
    await expect(boot(options({ policy: 'wait', waitMs: 300 }))).rejects.toMatchObject({
      code: 'not_current',
      message: expect.stringContaining('waiting 0.'),
    });
    const signal = AbortSignal.timeout(300);
    await expect(boot(options({ policy: 'wait', signal }))).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('what it is given', () => {
  test('a pool: one client borrowed, handed back as it was', async () => {
    const pool = new pg.Pool({ connectionString: database.url, max: 1 });
    pool.on('connect', (client) => client.query("SET search_path = public; SET application_name = 'mine'"));
    const before = (
      await pool.query("SELECT name, setting FROM pg_settings WHERE source = 'session' ORDER BY 1")
    ).rows;
    expect(await boot(options({ database: pool }))).toMatchObject({ state: 'current' });
    expect([pool.totalCount, pool.idleCount, pool.waitingCount]).toEqual([1, 1, 0]);
    expect(
      (await pool.query("SELECT name, setting FROM pg_settings WHERE source = 'session' ORDER BY 1")).rows,
    ).toEqual(before);
    const client = await pool.connect();
    expect([client.listenerCount('notice'), client.listenerCount('error')]).toEqual([0, 0]);
    client.release();
    await pool.end();
  });

  test('a PGlite instance', async () => {
    const pglite = await freshPGlite({ btree_gin, pg_trgm, uuid_ossp });
    expect(await boot(options({ database: pglite }))).toMatchObject({ found: 'empty', current: [HEAD] });
    expect(await boot(options({ database: pglite }))).toMatchObject({ found: 'current', steps: [] });
    await pglite.close();
  });

  test('no catalogue: a legacy database is refused, one that is behind goes on with a warning', async () => {
    const folder = temporaryFolder();
    cpSync('revisions', folder, { recursive: true });
    rmSync(join(folder, 'catalogue.json'));
    await restore('v1.0.24');
    const events: Event[] = [];
    await boot(options({ revisions: folder, onEvent: (event) => events.push(event) }));
    expect(events).toContainEqual({
      type: 'warning',
      level: 'warn',
      message: expect.stringContaining('does not exist'),
    });
    await database.query('DROP TABLE alembic_version, revgraph_ledger');
    await expect(boot(options({ revisions: folder }))).rejects.toMatchObject({ code: 'catalogue_missing' });
  });

  test('options that are wrong are refused by path', async () => {
    const wrong = { ...options(), polcy: 'wait', waitMs: -1 } as BootOptions;
    await expect(boot(wrong)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/waitMs.*polcy/s),
    });
    await expect(boot({ revisions: 'revisions' } as BootOptions)).rejects.toMatchObject({
      message: expect.stringContaining('database'),
    });
  });

  test('revisions as objects, a target that is a release, a minimum', async () => {
    const folder = folderWith({
      'a.sql': sql('aaaa', { upgrade: 'CREATE TABLE a (id int);', downgrade: 'DROP TABLE a;' }),
      'b.sql': sql('bbbb', { revises: 'aaaa', upgrade: 'CREATE TABLE b (id int);' }),
    });
    const revisions = [...(await loadProject(folder)).revisions.values()];
    const releases = { '1.0.0': 'aaaa', '2.0.0': 'bbbb' };
    expect(await boot(options({ revisions, releases, target: '1.0.0' }))).toMatchObject({
      state: 'current',
      current: ['aaaa'],
      release: '1.0.0',
    });
    await expect(boot(options({ revisions, releases, minimum: '2.0.0' }))).rejects.toMatchObject({
      code: 'below_minimum',
    });
  });
});

test('the command line: boot does the same, prints where it is, and exits with what the state asks for', async () => {
  await restore('v1.0.6');
  const cwd = process.cwd();
  const args = ['boot', '--url', database.url, '--json'];
  const dry = JSON.parse((await run(cwd, [...args, '--dry-run'])).stdout);
  expect(dry).toMatchObject({ found: 'legacy', stamp: [BASELINE], dryRun: true });
  expect((await run(cwd, [...args, '--policy', 'verify'])).exitValue).toBe(5);
  const done = JSON.parse((await run(cwd, args)).stdout);
  expect(done).toMatchObject({ state: 'current', found: 'legacy', current: [HEAD] });
  const again = await run(cwd, ['boot', '--url', database.url]);
  expect(again).toMatchObject({ exitValue: 0, stdout: expect.stringContaining(`${HEAD} (head)`) });
  expect(await run(cwd, [...args, '--revision', 'x'])).toMatchObject({ exitValue: 2 });
});

describe('what must not be touched or taken for something else', () => {
  test('a client inside a transaction is refused before anything is done, and the transaction stays', async () => {
    await database.query('CREATE TABLE mine (id int)');
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query('BEGIN');
    await client.query('INSERT INTO mine VALUES (1)');
    for (const act of [boot, doctor, status, upgrade])
      await expect(act({ revisions: 'revisions', database: client })).rejects.toMatchObject({
        code: 'client_in_transaction',
        message: expect.stringContaining('inside a transaction'),
      });
    await client.query('COMMIT');
    expect(await database.query('SELECT * FROM mine')).toEqual([{ id: 1 }]);
    await client.end();
  });

  test('what is no database is said so', async () => {
    for (const wrong of [42, null, true, {}])
      await expect(boot(options({ database: wrong as never }))).rejects.toMatchObject({ code: 'usage' });
  });

  test('revisions of another schema are not held against a catalogue of public', async () => {
    await restore('v1.0.6');
    await database.query('CREATE SCHEMA app');
    await database.query('CREATE TABLE app.t (id int)');
    await expect(boot(options({ schema: 'app' }))).rejects.toMatchObject({
      code: 'evidence_unavailable',
      message: expect.stringContaining('run in app'),
    });
    await expect(
      doctor({ revisions: 'revisions', database: database.url, schema: 'app' }),
    ).rejects.toMatchObject({
      code: 'evidence_unavailable',
    });
  });

  test('ahead, and yet something of this code is missing: told, refused by verify, and run where that is allowed', async () => {
    await upgrade({ revisions: 'revisions', database: database.url, target: '336ce8830dfe' });
    await database.query("INSERT INTO revgraph_version VALUES ('from_tomorrow')");
    const seen = await boot(options({ unknownRows: 'allow', policy: 'skip' }));
    expect(seen).toMatchObject({ state: 'ahead', steps: [] });
    expect(seen.pending).toContain('a71d62f22c10');
    await expect(boot(options({ unknownRows: 'allow', policy: 'verify' }))).rejects.toMatchObject({
      code: 'not_current',
    });
    const { steps, ...after } = await boot(options({ unknownRows: 'allow' }));
    expect(steps.map(({ revision }) => revision)).toEqual(seen.pending);
    expect(after).toMatchObject({ state: 'ahead', pending: [] });
    expect(after.current).toContain('from_tomorrow');
  });
});
