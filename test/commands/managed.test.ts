import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  defineRevision,
  downgrade,
  type Event,
  preflight,
  type Revision,
  stamp,
  status,
  undo,
  upgrade,
} from '../../lib/index.js';
import { graphOf } from '../../lib/project/project.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';

/*     ┌─ b ─┐
 *  a ─┤     ├─ d ─ e
 *     └─ c ─┘
 */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const table = (revision: string, revises: string[] = []): Revision =>
  defineRevision({
    revision,
    revises,
    upgrade: `CREATE TABLE t_${revision} (id int)`,
    downgrade: `DROP TABLE t_${revision}`,
  });
const diamond = [table('a'), table('b', ['a']), table('c', ['a']), table('d', ['b', 'c']), table('e', ['d'])];
const options = () => ({ revisions: diamond, database: database.url });
const tables = async () =>
  (await database.query("SELECT tablename AS t FROM pg_tables WHERE tablename LIKE 't\\_%' ORDER BY 1")).map(
    ({ t }) => t,
  );

describe('a version table of Alembic', () => {
  const adopt = async (...rows: string[]) => {
    await database.query(
      'CREATE TABLE alembic_version (version_num varchar(32) NOT NULL CONSTRAINT alembic_version_pkc PRIMARY KEY)',
    );
    for (const row of rows) await database.query('INSERT INTO alembic_version VALUES ($1)', [row]);
  };

  test('is used in place where the graph knows its rows', async () => {
    await adopt('b');
    await database.query('CREATE TABLE t_a (id int); CREATE TABLE t_b (id int)');
    const events: Event[] = [];
    const { steps } = await upgrade({ ...options(), onEvent: (event) => events.push(event) });
    expect(steps.map((step) => step.revision)).toEqual(['c', 'd', 'e']);
    expect(events[0]).toEqual({ type: 'version-table-adopted', level: 'info', table: 'alembic_version' });
    expect(await database.query('SELECT version_num FROM alembic_version')).toEqual([{ version_num: 'e' }]);
    expect(await database.query("SELECT to_regclass('revgraph_version') AS t")).toEqual([{ t: null }]);
    expect((await status(options())).versionTable).toBe('alembic_version');
  });

  test('of another project is not run over: it is refused, and passed over by name', async () => {
    await adopt('somebody_else');
    await expect(upgrade(options())).rejects.toMatchObject({ code: 'unknown_row', exitValue: 4 });
    expect(await tables()).toEqual([]);
    const { to } = await upgrade({ ...options(), versionTable: 'revgraph_version' });
    expect(to).toEqual(['e']);
    expect(await database.query('SELECT version_num FROM alembic_version')).toEqual([
      { version_num: 'somebody_else' },
    ]);
  });

  test('is used by name', async () => {
    await adopt('e');
    expect((await upgrade({ ...options(), versionTable: 'alembic_version' })).steps).toEqual([]);
  });

  test('that two rows were left in by a redundant merge is refused, and a stamp mends it', async () => {
    await adopt('d', 'b');
    await expect(upgrade(options())).rejects.toMatchObject({
      code: 'overlapping_requested',
      hint: expect.stringContaining('stamp d'),
    });
    await stamp({ ...options(), target: ['d'] });
    expect(await database.query('SELECT version_num FROM alembic_version')).toEqual([{ version_num: 'd' }]);
  });
});

describe('rows that the graph does not have', () => {
  beforeEach(async () => {
    await upgrade(options());
    await database.query("UPDATE revgraph_version SET revision = 'future'");
  });

  test.each(['upgrade', 'status'] as const)('%s: ahead', async (command) => {
    if (command === 'upgrade')
      await expect(upgrade(options())).rejects.toMatchObject({ code: 'unknown_row', exitValue: 4 });
    else expect(await status(options())).toMatchObject({ state: 'ahead', current: ['future'], pending: [] });
  });

  test.each(['warn', 'allow'] as const)('the policy %s runs nothing', async (unknownRows) => {
    const said: Event[] = [];
    const { steps, to } = await upgrade({ ...options(), unknownRows, onEvent: (event) => said.push(event) });
    expect([steps, to]).toEqual([[], ['future']]);
    expect(said.some((event) => event.type === 'warning')).toBe(unknownRows === 'warn');
  });

  test.each(['warn', 'allow'] as const)(
    'the policy %s tells the direction that was asked for',
    async (unknownRows) => {
      const asked = { ...options(), unknownRows };
      const down = { ...asked, target: 'base' };
      expect(await upgrade(asked)).toMatchObject({ direction: 'upgrade', plan: { direction: 'upgrade' } });
      for (const dryRun of [false, true]) {
        const expected = { direction: 'downgrade', plan: { direction: 'downgrade' }, steps: [], dryRun };
        const said: Event[] = [];
        const onEvent = (event: Event) => void said.push(event);
        expect(await downgrade({ ...down, dryRun, onEvent })).toMatchObject(expected);
        expect(said).toContainEqual({
          type: 'warning',
          level: 'warn',
          message: expect.stringContaining('nothing is taken back'),
        });
        expect(await undo({ ...down, target: 'e', dryRun })).toMatchObject(expected);
      }
      expect(await preflight(asked)).toMatchObject({ direction: 'upgrade' });
      expect(await preflight({ ...down, direction: 'downgrade' })).toMatchObject({ direction: 'downgrade' });
    },
  );

  test('a stamp names the row anew', async () => {
    await expect(stamp({ ...options(), target: ['e'] })).rejects.toMatchObject({
      code: 'confirmation_needed',
    });
    await stamp({ ...options(), target: ['e'], confirmed: true });
    expect(await database.query('SELECT revision FROM revgraph_version')).toEqual([{ revision: 'e' }]);
  });
});

describe('parents as applied', () => {
  test('another parent that ran as well hides nothing, and is no fault', async () => {
    await upgrade({ ...options(), target: 'd' });
    const moved = [table('a'), table('b', ['a']), table('c', ['b']), table('d', ['c']), table('e', ['d'])];
    const { steps } = await upgrade({ revisions: moved, database: database.url });
    expect(steps.map(({ revision }) => revision)).toEqual(['e']);
  });

  test('an optional dependency that appears later is no other parent', async () => {
    const early = [
      table('x'),
      defineRevision({ revision: 'y', revises: 'x', dependsOn: ['?plugin'], upgrade: 'SELECT 1' }),
    ];
    await upgrade({ revisions: early, database: database.url });
    const later = [...early, table('plugin'), table('z', ['y'])];
    expect(
      (await upgrade({ revisions: later, database: database.url, target: 'heads' })).steps.map(
        (s) => s.revision,
      ),
    ).toEqual(['plugin', 'z']);
  });
});

describe('dependencies that change by themselves', () => {
  const left = (id: string, revises: string[], labels: string[] = []) =>
    defineRevision({
      revision: id,
      revises,
      labels,
      upgrade: `CREATE TABLE t_${id} (id int)`,
      downgrade: `DROP TABLE t_${id}`,
    });
  const right = defineRevision({
    revision: 'r1',
    revises: 'a',
    dependsOn: ['left@head'],
    upgrade: 'CREATE TABLE t_r1 (id int)',
    downgrade: 'DROP TABLE t_r1',
  });

  test('what a label@head moves on to is not taken for applied: it runs', async () => {
    const early = [table('a'), left('l1', ['a'], ['left']), right];
    await upgrade({ revisions: early, database: database.url, target: 'heads' });
    const later = [...early, left('l2', ['l1'])];
    expect((await status({ revisions: later, database: database.url })).pending).toEqual(['l2']);
    await upgrade({ revisions: later, database: database.url, target: 'heads' });
    expect(await tables()).toContain('t_l2');
  });

  test('joining the line with what depends on its head closes no ring', () => {
    const joined = left('joined', ['l1', 'r1']);
    const graph = graphOf([table('a'), left('l1', ['a'], ['left']), right, joined]);
    expect(graph.get('r1')?.dependsOn).toEqual(['l1']);
  });
});

describe('down', () => {
  beforeEach(() => upgrade(options()).then(() => {}));

  test('to one side of a merge leaves both heads', async () => {
    const { to, plan } = await downgrade({ ...options(), target: 'b' });
    expect(to).toEqual(['b', 'c']);
    expect(plan.merges).toEqual([
      {
        merge: 'd',
        sides: [
          { revision: 'b', fate: 'KEEP' },
          { revision: 'c', fate: 'KEEP' },
        ],
      },
    ]);
    expect(await tables()).toEqual(['t_a', 't_b', 't_c']);
  });

  test('undo takes one branch away and keeps the other', async () => {
    expect((await undo({ ...options(), target: 'b' })).to).toEqual(['c']);
    expect(await tables()).toEqual(['t_a', 't_c']);
    expect((await upgrade(options())).to).toEqual(['e']);
  });

  test('past a revision that has no downgrade is refused before anything runs', async () => {
    const stubborn = [
      ...diamond.slice(0, 4),
      defineRevision({ revision: 'e', revises: 'd', upgrade: 'SELECT 1', irreversible: 'mail was sent' }),
    ];
    await expect(
      downgrade({ revisions: stubborn, database: database.url, target: 'base' }),
    ).rejects.toMatchObject({
      code: 'irreversible',
      message: expect.stringContaining('mail was sent'),
    });
    expect(await tables()).toHaveLength(5);
  });

  test('a dry run changes nothing and has the type of a run', async () => {
    const { steps, to, dryRun } = await downgrade({ ...options(), target: 'base', dryRun: true });
    expect([steps[0], to, dryRun]).toEqual([{ revision: 'e', direction: 'downgrade', ms: null }, [], true]);
    expect(await tables()).toHaveLength(5);
  });
});

describe('stamp', () => {
  test('a database with tables and no version table wants to be confirmed', async () => {
    await database.query('CREATE TABLE t_a (id int)');
    await expect(stamp({ ...options(), target: ['a'] })).rejects.toMatchObject({
      code: 'confirmation_needed',
      exitValue: 4,
    });
    expect(await database.query("SELECT to_regclass('revgraph_version') AS t")).toEqual([{ t: null }]);
    await stamp({ ...options(), target: ['a'], confirmed: true, reason: 'restored from a dump of a' });
    expect((await status(options())).current).toEqual(['a']);
    expect(await database.query('SELECT revision, direction, message FROM revgraph_ledger')).toEqual([
      { revision: 'a', direction: 'stamp', message: 'restored from a dump of a' },
    ]);
  });

  test('an empty database is stamped without a question', async () => {
    expect((await stamp({ ...options(), target: ['heads'] })).to).toEqual(['e']);
  });
});

describe('reading', () => {
  test('creates nothing', async () => {
    await status(options());
    await upgrade({ ...options(), dryRun: true });
    expect(
      await database.query("SELECT count(*)::int AS n FROM pg_class WHERE relname LIKE 'revgraph%'"),
    ).toEqual([{ n: 0 }]);
  });

  test('an aborted run says so and leaves nothing half done', async () => {
    const controller = new AbortController();
    const onEvent = (event: Event) =>
      event.type === 'step-finished' && event.revision === 'b' && controller.abort();
    const error = await upgrade({ ...options(), onEvent, signal: controller.signal }).catch(
      (thrown) => thrown,
    );
    expect(error).toMatchObject({
      code: 'aborted',
      exitValue: 130,
      details: { applied: ['a', 'b'], remaining: ['c', 'd', 'e'] },
    });
    expect((await status(options())).current).toEqual(['b']);
  });
});
