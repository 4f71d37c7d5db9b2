import { expect, test } from 'vitest';
import { boot, log, stamp, status, upgrade } from '../../lib/index.js';
import { databasePerTest, tableRevision as make, ran } from '../support/history.js';

/* Two folders with a version table each, in one schema: the ledger is shared, and each hears of its own. */

const { database, on, tables } = databasePerTest();
/** Both number their revisions alike. */
const folder = (name: string) =>
  ['0001', '0002'].map((id, i) =>
    make(id, i === 0 ? [] : ['0001'], {
      upgrade: `CREATE TABLE t_${name}_${id} (id int)`,
      downgrade: `DROP TABLE t_${name}_${id}`,
    }),
  );
const core = (versionTable?: string) => ({
  ...on(folder('core')),
  ...(versionTable === undefined ? {} : { versionTable }),
});
const plugin = () => ({ ...on(folder('plugin')), versionTable: 'plugin_version' });

test.each([
  ['beside the table of ours', undefined],
  ['beside another', 'core_version'],
])('%s', async (_, name) => {
  await upgrade(core(name));
  expect(await status(plugin())).toMatchObject({
    pending: ['0001', '0002'],
    applied: [],
    lost: [],
    removed: [],
  });
  expect(ran(await upgrade(plugin()))).toEqual(['0001', '0002']);
  expect(await tables()).toHaveLength(4);
  await stamp({ ...plugin(), target: '0001', confirmed: true });
  expect(await status(core(name))).toMatchObject({ state: 'current', missed: [], lost: [], removed: [] });
  expect(await boot(core(name))).toMatchObject({ state: 'current', steps: [] });
  expect(await status(plugin())).toMatchObject({ state: 'behind', pending: ['0002'] });
  expect((await log(core(name))).entries.map(({ direction }) => direction)).toEqual(['upgrade', 'upgrade']);
});

test('entries that do not say of which table they are, are everybody’s: nothing that began is begun anew', async () => {
  await database.query('CREATE TABLE t_seen (n int); CREATE TABLE alembic_version (version_num text)');
  const half = (upgrade: string) => [
    make('h1', [], { transaction: 'none', upgrade: `INSERT INTO t_seen VALUES (1); ${upgrade}` }),
  ];
  const at = (upgrade: string) => ({ ...on(half(upgrade)), versionTable: 'plugin_version' });
  await expect(upgrade(at('SELECT 1 / 0; VACUUM t_seen'))).rejects.toMatchObject({ code: 'step_failed' });
  await database.query("UPDATE revgraph_ledger SET statistics = statistics - 'table'");
  await upgrade(at('SELECT 1; VACUUM t_seen'));
  expect(await database.query('SELECT n FROM t_seen')).toEqual([{ n: 1 }]);
});
