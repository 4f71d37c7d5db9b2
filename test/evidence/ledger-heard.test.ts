import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { boot, doctor, type Event, repair, stamp, upgrade } from '../../lib/index.js';
import { catalogueOf } from '../support/catalogue.js';
import { run } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith } from '../support/project.js';
import { chainFiles } from './chain.js';

/* What the ledger saw run did run: if nothing of it is left, its work was taken away, and is not done again unasked. */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const FILES = chainFiles({
  a: "CREATE TABLE item (id int PRIMARY KEY, state text); INSERT INTO item VALUES (1, 'x');",
  b: "CREATE INDEX item_state ON item (state); UPDATE item SET state = 'new';",
  c: 'CREATE TABLE other (id int PRIMARY KEY);',
  d: 'CREATE TABLE third (id int PRIMARY KEY);',
});

async function ranUpTo(target: string, files = FILES) {
  const revisions = folderWith(files);
  const at = { revisions, database: database.url };
  await catalogueOf(revisions);
  await upgrade({ ...at, target });
  await database.query("UPDATE item SET state = 'sold'");
  return at;
}
const state = async () => (await database.query('SELECT state FROM item'))[0]?.state;
const takenAway = () => database.query('DROP INDEX item_state');

test('a finding of its own; repair leaves rows alone, and says that the schema differs', async () => {
  const at = await ranUpTo('c');
  await takenAway();
  expect(await doctor(at)).toMatchObject({
    ok: false,
    missing: [],
    undone: ['b'],
    findings: [{ code: 'undone', revision: 'b', missing: [expect.stringContaining('item_state')] }],
  });
  expect((await repair(at)).steps).toEqual([]);
  const args = ['--revisions', at.revisions, '--url', at.database];
  const said = await run(at.revisions, ['repair', ...args]);
  expect(said.stdout).toContain('Nothing is run, but the schema differs from the version table: b.');
  const told = await run(at.revisions, ['doctor', ...args]);
  expect(told.exitValue).toBe(4);
  expect(told.stdout).toContain('b ran here according to the ledger, but its work was taken away');
  expect(told.stderr).toContain('revgraph repair --revision b --reason');
  expect(await state()).toBe('sold');
});

test('a word runs it again', async () => {
  const at = await ranUpTo('c');
  await takenAway();
  const { steps } = await repair({ ...at, run: ['b'], reason: 'all states are new again' });
  expect(steps.map(({ revision }) => revision)).toEqual(['b']);
  expect(await state()).toBe('new');
  expect((await doctor(at)).ok).toBe(true);
});

test('boot and upgrade go on, with a warning', async () => {
  const at = await ranUpTo('b');
  await takenAway();
  const warnings: string[] = [];
  const onEvent = (event: Event) => event.type === 'warning' && warnings.push(event.message);
  await upgrade({ ...at, target: 'c', onEvent });
  await boot({ ...at, onEvent });
  const warning = expect.stringMatching(
    /^1 revision ran here, but the schema has nothing of it any more \(b\)/,
  );
  expect(warnings).toEqual([warning, warning]);
  expect(await state()).toBe('sold');
});

describe('the ledger is heard as it stands', () => {
  test('after a try that failed since', async () => {
    const at = await ranUpTo('c');
    await takenAway();
    await database.query("ALTER TABLE item ADD CONSTRAINT no_news CHECK (state <> 'new')");
    await expect(repair({ ...at, run: ['b'], reason: 'try' })).rejects.toMatchObject({ code: 'step_failed' });
    expect(await doctor(at)).toMatchObject({ missing: [], undone: ['b'] });
  });

  test('below a stamp that came later', async () => {
    const at = await ranUpTo('c');
    await stamp({ ...at, target: ['c'], confirmed: true });
    await takenAway();
    expect(await doctor(at)).toMatchObject({ missing: [], undone: ['b'] });
  });

  test('not of what was taken back, or only stamped', async () => {
    const files = {
      ...FILES,
      'b.sql': (FILES['b.sql'] as string).replace('SELECT 1;', 'DROP INDEX item_state;'),
    };
    const at = await ranUpTo('b', files);
    const { undo } = await import('../../lib/index.js');
    await undo({ ...at, target: 'b' });
    await stamp({ ...at, target: ['b'], confirmed: true });
    expect(await doctor(at)).toMatchObject({ missing: ['b'], undone: [] });
  });
});
