import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { boot, type Event, readiness, stamp, status, upgrade } from '../../lib/index.js';
import { catalogueOf } from '../support/catalogue.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith } from '../support/project.js';
import { chainFiles } from './chain.js';

/* Every run ends with a look: is the schema what the catalogue has for the rows? */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const CHAIN = {
  a: 'CREATE TABLE item (id int PRIMARY KEY, price int DEFAULT 1); CREATE INDEX item_price ON item (price);',
  b: 'CREATE TABLE other (id int PRIMARY KEY, v int DEFAULT 1);',
  c: 'CREATE TABLE third (id int PRIMARY KEY);',
};
const folder = async (upgrades: Record<string, string> = CHAIN) => {
  const revisions = folderWith(chainFiles(upgrades));
  await catalogueOf(revisions);
  return { revisions, database: database.url };
};
/** Something in the database that makes another thing of what a revision makes. */
const MEDDLER = `CREATE FUNCTION meddle() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
  IF to_regclass('public.other') IS NOT NULL AND current_setting('my.in', true) IS DISTINCT FROM '1' THEN
    PERFORM set_config('my.in', '1', true); ALTER TABLE public.other ALTER v SET DEFAULT 7;
  END IF; END $$;
  CREATE EVENT TRIGGER meddle ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION meddle()`;
const listening = () => {
  const warnings: string[] = [];
  const onEvent = (event: Event) => {
    if (event.type === 'warning') warnings.push(event.message);
  };
  return { warnings, onEvent };
};

test('what is as it should be is not told of', async () => {
  const at = await folder();
  const { warnings, onEvent } = listening();
  expect((await upgrade({ ...at, onEvent })).proof).toEqual({
    skipped: null,
    made: [],
    before: [],
    neverRan: [],
  });
  expect(warnings).toEqual([]);
  expect((await upgrade(at)).proof).toBeNull();
  expect(await status({ ...at, prove: true })).toMatchObject({
    unproven: [],
    proof: { made: [], before: [] },
  });
});

describe('what the run made otherwise', () => {
  test('is a warning, in the ledger and in status', async () => {
    const at = await folder();
    await database.query(MEDDLER);
    const { warnings, onEvent } = listening();
    const { proof } = await upgrade({ ...at, onEvent });
    expect(proof?.made).toMatchObject([{ object: 'column public.other.v' }]);
    expect(warnings).toEqual([
      expect.stringMatching(/^the run ended, but 1 object .*column public\.other\.v is integer default 7/),
    ]);
    expect(await status(at)).toMatchObject({ unproven: [{ object: 'column public.other.v' }], proof: null });
  });

  test('fails the run, and rolls its last step back', async () => {
    const at = await folder();
    await database.query(MEDDLER);
    await expect(upgrade({ ...at, prove: 'fail' })).rejects.toMatchObject({
      code: 'step_failed',
      details: { applied: ['a', 'b'], failed: 'c' },
      cause: { code: 'unproven' },
    });
    expect((await status(at)).current).toEqual(['b']);
    // What b made is still there, and not something that had drifted before.
    const again = upgrade({ ...at, prove: 'fail' });
    await expect(again).rejects.toMatchObject({ code: 'step_failed', cause: { code: 'unproven' } });
    const { proof } = await upgrade({ ...at, prove: 'warn' });
    expect(proof).toMatchObject({ made: [{ object: 'column public.other.v' }], before: [] });
    expect(await status(at)).toMatchObject({ unproven: [{ object: 'column public.other.v' }] });
  });

  test('does not fail the run any more when it is mended', async () => {
    const at = await folder();
    await database.query(MEDDLER);
    await expect(upgrade({ ...at, prove: 'fail' })).rejects.toMatchObject({ code: 'step_failed' });
    await database.query('DROP EVENT TRIGGER meddle; ALTER TABLE other ALTER v SET DEFAULT 1');
    expect((await upgrade({ ...at, prove: 'fail' })).proof).toMatchObject({ made: [], before: [] });
  });
});

test('what had drifted before is told once, and fails nothing', async () => {
  const at = await folder();
  await upgrade({ ...at, target: 'b' });
  await database.query('DROP INDEX item_price; ALTER TABLE item ALTER price SET DEFAULT 9');
  const { warnings, onEvent } = listening();
  const { proof } = await upgrade({ ...at, prove: 'fail', onEvent });
  expect(proof).toMatchObject({ made: [], before: [{}, {}] });
  expect(warnings.filter((one) => one.includes('had drifted before the run'))).toHaveLength(1);
  expect((await readiness({ ...at, prove: true }).check()).ready).toBe(false);
});

test('what was accepted is not told of', async () => {
  const at = await folder();
  await upgrade({ ...at, target: 'b' });
  await database.query(
    'DROP TABLE revgraph_version, revgraph_ledger; ALTER TABLE item ALTER price SET DEFAULT 9',
  );
  const { warnings, onEvent } = listening();
  const { proof } = await boot({ ...at, drift: 'accept', prove: 'fail', onEvent });
  expect([proof, warnings]).toEqual([{ skipped: null, made: [], before: [], neverRan: [] }, []]);
  expect(await status({ ...at, prove: true })).toMatchObject({ proof: { made: [], before: [] } });
});

describe('where there is nothing to compare with', () => {
  test('no catalogue: said in the result, and nothing more', async () => {
    const revisions = folderWith(chainFiles(CHAIN));
    const { warnings, onEvent } = listening();
    const { proof } = await upgrade({ revisions, database: database.url, onEvent });
    expect([proof, warnings]).toEqual([
      { skipped: 'there is no catalogue', made: [], before: [], neverRan: [] },
      [],
    ]);
  });

  test('a catalogue that is older than what is run: an error where the proof is asked for', async () => {
    const at = await folder();
    const file = `${at.revisions}/c.sql`;
    writeFileSync(file, readFileSync(file, 'utf8').replace('third', 'fourth'));
    await expect(upgrade({ ...at, prove: 'fail' })).rejects.toMatchObject({ code: 'catalogue_stale' });
    expect((await upgrade(at)).proof?.skipped).toBe('the catalogue is older than c');
  });

  test('a catalogue that cannot be read fails no run, unless it is asked for', async () => {
    const at = await folder();
    await upgrade({ ...at, target: 'b' });
    writeFileSync(`${at.revisions}/catalogue.json`, 'this is no catalogue');
    await expect(upgrade({ ...at, prove: 'fail' })).rejects.toMatchObject({ code: 'catalogue_invalid' });
    expect((await upgrade(at)).proof?.skipped).toContain('is not a valid catalogue');
  });

  test('a last step outside a transaction is looked at behind it', async () => {
    const at = await folder({ ...CHAIN, d: 'CREATE INDEX CONCURRENTLY third_i ON third (id);' });
    expect((await upgrade({ ...at, prove: 'fail' })).proof).toEqual({
      skipped: null,
      made: [],
      before: [],
      neverRan: [],
    });
    await stamp({ ...at, target: ['c'], confirmed: true });
  });
});
