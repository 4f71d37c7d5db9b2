import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { boot, doctor, identify, preflight, repair, repairDrift, stamp, upgrade } from '../../lib/index.js';
import { identificationText } from '../../lib/render/identification.js';
import { catalogueOf } from '../support/catalogue.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith } from '../support/project.js';
import { chainFiles } from './chain.js';

/* Databases without a version table that somebody changed: what is drift, what was left out, and what nobody can know. */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const A = `CREATE TABLE item (id int PRIMARY KEY, price int DEFAULT 1, state text, CONSTRAINT item_u UNIQUE (price));
CREATE INDEX item_price ON item (price);
CREATE FUNCTION fee() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER item_t BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION t();`;
const B = 'ALTER TABLE item ADD COLUMN tax int;';
const C = 'CREATE TABLE other (id int PRIMARY KEY);';
const D = 'CREATE TABLE third (id int PRIMARY KEY);';

const folder = async (upgrades: Record<string, string>) => {
  const revisions = folderWith(chainFiles(upgrades));
  await catalogueOf(revisions);
  return { revisions, database: database.url };
};
/** A database at a revision, without a version table, and then what somebody did to it. */
async function legacy(upgrades: Record<string, string>, target: string, ...byHand: string[]) {
  const at = await folder(upgrades);
  await upgrade({ ...at, target });
  await database.query('DROP TABLE revgraph_version, revgraph_ledger');
  for (const statement of byHand) await database.query(statement);
  return at;
}
const chain = { a: A, b: B, c: C, d: D };
const answer = async (at: { revisions: string; database: string }) => {
  const { match, stamp: rows, hole } = await identify(at);
  return `${match} ${rows.join()}${hole === null ? '' : ` without ${hole.without.join()}`}`;
};
const refused = { code: 'unidentified', exitValue: 4 };

describe('a few objects that differ, below what stands on them', () => {
  const kinds: Record<string, readonly [byHand: string, said: string, isSpeed?: boolean]> = {
    'dropped index': ['DROP INDEX item_price', 'index public.item_price is missing', true],
    'index on something else': [
      'DROP INDEX item_price; CREATE INDEX item_price ON item (state)',
      'index public.item_price is CREATE INDEX item_price ON public.item USING btree (state) instead of',
      true,
    ],
    'renamed index': ['ALTER INDEX item_price RENAME TO mine', 'under another name: index public.mine', true],
    'renamed constraint': [
      'ALTER TABLE item RENAME CONSTRAINT item_u TO mine',
      'constraint public.item.item_u is there under another name: constraint public.item.mine',
    ],
    'dropped constraint': [
      'ALTER TABLE item DROP CONSTRAINT item_u',
      'constraint public.item.item_u is missing',
    ],
    'changed default': [
      'ALTER TABLE item ALTER price SET DEFAULT 2',
      'column public.item.price is integer default 2 instead of integer default 1',
    ],
    'changed type': [
      'ALTER TABLE item ALTER price TYPE bigint',
      'column public.item.price is bigint default 1 instead of integer default 1',
    ],
    'dropped column': ['ALTER TABLE item DROP state', 'column public.item.state is missing'],
    'dropped trigger': ['DROP TRIGGER item_t ON item', 'trigger public.item.item_t is missing'],
    'disabled trigger': [
      'ALTER TABLE item DISABLE TRIGGER item_t',
      'trigger public.item.item_t is CREATE TRIGGER',
    ],
    'changed body': [
      "CREATE OR REPLACE FUNCTION fee() RETURNS int LANGUAGE sql AS 'SELECT 7'",
      'body of function public.fee() was changed',
    ],
  };
  for (const [kind, [byHand, said, isSpeed = false]] of Object.entries(kinds))
    test(`${kind}: identified, ${isSpeed ? 'and stamped' : 'stamped once it is accepted'}; doctor keeps it apart`, async () => {
      const at = await legacy(chain, 'c', byHand);
      const found = await identify(at);
      expect([found.match, found.stamp, found.state]).toEqual(['drifted', ['c'], 'legacy']);
      expect(identificationText(found)).toMatch(/^c, with 1 drift: /);
      expect(identificationText(found)).toContain(said);
      if (!isSpeed)
        await expect(stamp({ ...at, auto: true })).rejects.toMatchObject({
          ...refused,
          details: { match: 'drifted' },
        });
      const { to, why } = await stamp({ ...at, auto: true, ...(isSpeed ? {} : { acceptDrift: true }) });
      expect([to, why]).toEqual([['c'], expect.stringContaining('accepted as it is')]);
      expect(await doctor(at)).toMatchObject({ ok: true, accepted: [{}] });
      await upgrade({ ...at, target: 'head' });
      expect(await doctor(at)).toMatchObject({ ok: true, accepted: [{}], missing: [] });
    });

  test('an invalid index: costs speed, unless it has to be unique', async () => {
    const at = await legacy({ ...chain, a: `${A} CREATE UNIQUE INDEX item_s ON item (state);` }, 'c');
    const spoil = (name: string) =>
      database.query(`UPDATE pg_index SET indisvalid = false WHERE indexrelid = '${name}'::regclass`);
    await spoil('item_price');
    expect(identificationText(await identify(at))).toMatch(
      /^c, with 1 drift: index public.item_price is INVALID/,
    );
    expect((await doctor(at)).mends).toMatchObject([{ sql: ['REINDEX INDEX public.item_price'] }]);
    expect((await stamp({ ...at, auto: true, dryRun: true })).to).toEqual(['c']);
    await spoil('item_s');
    await expect(stamp({ ...at, auto: true })).rejects.toMatchObject(refused);
    await repairDrift({ ...at, confirmed: true });
    expect(await answer(at)).toBe('exact c');
  });

  test('two in one table; what is accepted may not grow', async () => {
    const at = await legacy(
      chain,
      'c',
      'DROP INDEX item_price',
      'ALTER TABLE item ALTER price SET DEFAULT 2',
    );
    expect(identificationText(await identify(at))).toMatch(/^c, with 2 drifts:\n {2}column .*\n {2}index /);
    await stamp({ ...at, auto: true, acceptDrift: true });
    expect(await doctor(at)).toMatchObject({ ok: true, accepted: [{}, {}] });
    await database.query('ALTER TABLE item DROP state');
    const grown = await doctor(at);
    expect(grown).toMatchObject({
      ok: false,
      findings: [{ code: 'drift', revision: 'a', missing: [expect.stringContaining('state')] }],
    });
    await stamp({ ...at, auto: true, acceptDrift: true });
    expect(await doctor(at)).toMatchObject({ ok: true });
  });

  test('an extra column or index is foreign, and no mismatch', async () => {
    const at = await legacy(chain, 'c', 'ALTER TABLE item ADD mine int', 'CREATE INDEX mine ON item (mine)');
    expect(await answer(at)).toBe('exact c');
  });
});

describe('what is taken for drift only if it is beyond doubt', () => {
  const half = {
    ...chain,
    c: `${C} ALTER TABLE other ADD COLUMN a int; ALTER TABLE other ADD COLUMN b int;`,
  };

  test('a revision that ran by half is not stamped', async () => {
    const at = await legacy(
      half,
      'b',
      'CREATE TABLE other (id int PRIMARY KEY)',
      'ALTER TABLE other ADD COLUMN a int',
    );
    expect(await answer(at)).toBe('near c');
    await expect(stamp({ ...at, auto: true, acceptDrift: true })).rejects.toMatchObject(refused);
    expect(identificationText(await identify(at))).toContain('nothing later shows that c ran to its end');
  });

  test('with what a later statement of it left, it ran to its end', async () => {
    const at = await legacy(half, 'c', 'ALTER TABLE other DROP a');
    expect(await answer(at)).toBe('drifted c');
    await database.query('ALTER TABLE other ADD a int; ALTER TABLE other DROP b');
    expect(await answer(at)).toBe('near c');
  });

  test('where the answer is ambiguous without the objects that differ, it is with them', async () => {
    const at = await legacy({ ...chain, d: 'UPDATE item SET tax = 1;' }, 'c');
    expect(await answer(at)).toBe('ambiguous c');
    await database.query('DROP INDEX item_price');
    expect(await answer(at)).toBe('near c');
    await expect(stamp({ ...at, auto: true, acceptDrift: true })).rejects.toMatchObject(refused);
  });

  test('where only what is absent speaks for the topmost revision, and it wrote rows, it may not have run', async () => {
    const drops = { ...chain, d: 'DROP INDEX item_price; UPDATE item SET tax = 1;' };
    const at = await legacy(
      drops,
      'c',
      'DROP INDEX item_price',
      'ALTER TABLE item ALTER price SET DEFAULT 2',
    );
    expect(await answer(at)).toBe('near d');
    expect(identificationText(await identify(at))).toContain(
      'shows that d ran to its end may have been done by hand',
    );
  });

  const removing = {
    ...chain,
    d: `ALTER TABLE other ADD a int; ALTER TABLE item DROP CONSTRAINT item_u; UPDATE item SET tax = 1;`,
  };
  test.each([
    ['dropped what it hangs on', 'ALTER TABLE item DROP price CASCADE'],
    ['dropped it', 'ALTER TABLE item DROP CONSTRAINT item_u; DROP INDEX item_price'],
    [
      'gave it another name',
      'ALTER TABLE item RENAME CONSTRAINT item_u TO mine; ALTER TABLE item ALTER price SET DEFAULT 2',
    ],
  ])('what the topmost revision removes may be gone because somebody %s', async (_, byHand) => {
    const at = await legacy(removing, 'c', 'ALTER TABLE other ADD a int', ...byHand.split('; '));
    expect(await answer(at)).toBe('near d');
    await expect(stamp({ ...at, auto: true, acceptDrift: true })).rejects.toMatchObject(refused);
  });

  test('what it removes is gone because it ran, where a later statement left its mark', async () => {
    const d = `ALTER TABLE item DROP CONSTRAINT item_u; ALTER TABLE other ADD a int; UPDATE item SET tax = 1;`;
    const at = await legacy({ ...chain, d }, 'd', 'ALTER TABLE item DROP price CASCADE');
    expect(await answer(at)).toBe('drifted d');
  });

  test('what a revision makes on its way, and takes away again, shows that it stopped in between', async () => {
    const d = `ALTER TABLE other ADD a int; CREATE TABLE helper (id int); UPDATE item SET tax = 1; DROP TABLE helper;`;
    const at = await legacy(
      { ...chain, d },
      'c',
      'ALTER TABLE other ADD a int',
      'CREATE TABLE helper (id int)',
    );
    expect(await answer(at)).toBe('near d');
    expect(identificationText(await identify(at))).toContain(
      'shows that d ran to its end may have been done by hand',
    );
    await expect(stamp({ ...at, auto: true, acceptDrift: true })).rejects.toMatchObject(refused);
    await database.query('DROP INDEX item_price');
    expect(await answer(at)).toBe('near d');
  });

  test('what a revision changes on its way, and puts back, shows that it may have stopped in between', async () => {
    const [there, back] = [
      'ALTER TABLE item ALTER price SET DEFAULT 7;',
      'ALTER TABLE item ALTER price SET DEFAULT 1;',
    ];
    const d = `${there} ALTER TABLE other ADD a int; ${back} UPDATE item SET tax = 1;`;
    const at = await legacy({ ...chain, d }, 'c', there, 'ALTER TABLE other ADD a int');
    expect(await answer(at)).toBe('near d');
    await expect(stamp({ ...at, auto: true, acceptDrift: true })).rejects.toMatchObject(refused);
    // What stands on it shows that it came to its end.
    const e = 'CREATE TABLE fourth (id int PRIMARY KEY);';
    await database.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    const above = await legacy({ ...chain, d, e }, 'e', there);
    expect(await answer(above)).toBe('drifted e');
  });

  test('what anybody makes beforehand confirms nothing', async () => {
    const at = await legacy(
      { ...half, d: `CREATE INDEX other_i ON other (id); COMMENT ON TABLE other IS 'x';` },
      'b',
      'CREATE TABLE other (id int PRIMARY KEY)',
      'ALTER TABLE other ADD COLUMN a int',
      'CREATE INDEX other_i ON other (id)',
    );
    expect((await identify(at)).match).toBe('near');
  });

  test('what a revision that is to come changes is left alone', async () => {
    const at = await legacy(
      { ...chain, d: 'ALTER TABLE item ALTER price SET DEFAULT 3;' },
      'c',
      'ALTER TABLE item ALTER price SET DEFAULT 2',
    );
    expect(await answer(at)).toBe('near c');
    expect(identificationText(await identify(at))).toContain('d, still to run, writes it');
  });

  test('a body that a revision to come replaces is left alone', async () => {
    const replaced = {
      ...chain,
      d: `${D} CREATE OR REPLACE FUNCTION fee() RETURNS int LANGUAGE sql AS 'SELECT 2';`,
    };
    const at = await legacy(
      replaced,
      'c',
      "CREATE OR REPLACE FUNCTION fee() RETURNS int LANGUAGE sql AS 'SELECT 7'",
    );
    expect(await answer(at)).toBe('near c');
  });

  test('an early index: stamped, unless its revision writes rows; the preflight names it', async () => {
    const early = 'CREATE INDEX other_i ON other (id)';
    const plain = { ...chain, d: `${D} ${early};` };
    const at = await legacy(plain, 'c', early);
    expect(await answer(at)).toBe('drifted c');
    await expect(boot(at)).rejects.toMatchObject({ message: expect.stringContaining('other_i') });
    await database.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    const rows = await legacy({ ...plain, d: `${plain.d}; INSERT INTO other VALUES (1);` }, 'c', early);
    expect(await answer(rows)).toBe('near c');
  });

  test('what was accepted, and a revision to come takes away, is named before anything runs', async () => {
    const later = {
      ...chain,
      d: 'CREATE TABLE third (id int);',
      e: 'ALTER TABLE item DROP CONSTRAINT item_u;',
    };
    const at = await legacy(later, 'c', 'ALTER TABLE item RENAME CONSTRAINT item_u TO mine');
    await stamp({ ...at, auto: true, acceptDrift: true });
    const said =
      'constraint public.item.item_u is not what its revision made of it, and e, still to run, changes it';
    const { checks } = await preflight(at);
    expect(checks).toContainEqual(
      expect.objectContaining({
        name: 'version_table',
        status: 'warn',
        found: expect.stringContaining(said),
      }),
    );
    await repairDrift({ ...at, confirmed: true });
    expect((await upgrade(at)).to).toEqual(['e']);
  });

  test('an early extension is harmless', async () => {
    const at = await legacy(
      { ...chain, d: `CREATE EXTENSION IF NOT EXISTS pg_trgm; ${D}` },
      'c',
      'CREATE EXTENSION pg_trgm',
    );
    expect(await identify(at)).toMatchObject({ match: 'exact', stamp: ['c'], early: ['extension pg_trgm'] });
    await boot(at);
    expect(await doctor(at)).toMatchObject({ ok: true });
  });
});

describe('revisions that were left out', () => {
  const skipped = (id: string): string => chain[id as keyof typeof chain];

  test('are named, with the way to run exactly them', async () => {
    const at = await legacy(chain, 'a', skipped('c'));
    const found = await identify(at);
    expect([found.match, found.hole]).toEqual(['near', { stamp: ['c'], without: ['b'], unsettled: [] }]);
    const text = identificationText(found);
    expect(text).toMatch(/^c, without b: /);
    expect(text).toContain("`revgraph stamp c --reason 'all but b' --yes`");
    await expect(stamp({ ...at, auto: true, acceptDrift: true })).rejects.toMatchObject({
      message: 'The schema is that of c without b. Nothing was written.',
    });
    await stamp({ ...at, target: ['c'], reason: 'all but b', confirmed: true });
    expect((await repair(at)).steps.map(({ revision }) => revision)).toEqual(['b']);
    expect(await doctor(at)).toMatchObject({ ok: true });
  });

  test('below less than was left out', async () => {
    const wide = {
      ...chain,
      b: 'CREATE TABLE wide (a int, b int, c int, d int, e int, f int, g int);',
      c: 'ALTER TABLE item ADD c int;',
    };
    const at = await legacy(wide, 'a', wide.c);
    expect(await answer(at)).toBe('near a without b');
    expect((await identify(at)).hole).toMatchObject({ stamp: ['c'], without: ['b'] });
  });

  test('below one that made nothing but an index', async () => {
    const narrow = {
      ...chain,
      b: 'ALTER TABLE item DROP state;',
      c: 'CREATE TABLE other (id int PRIMARY KEY, n int);',
      d: 'CREATE INDEX other_n ON other (n);',
    };
    const at = await legacy(narrow, 'a', narrow.c, narrow.d);
    expect((await identify(at)).hole).toMatchObject({ stamp: ['d'], without: ['b'] });
  });

  test('with one above it that leaves no trace: said to be open', async () => {
    const at = await legacy({ ...chain, c: 'UPDATE item SET tax = 1;' }, 'a', skipped('d'));
    expect((await identify(at)).hole).toMatchObject({ stamp: ['d'], without: ['b'], unsettled: ['c'] });
  });

  test('and made nothing but an index: the same as if that was dropped', async () => {
    const at = await legacy(
      { ...chain, b: 'CREATE INDEX item_s ON item (state);' },
      'c',
      'DROP INDEX item_s',
    );
    expect(await answer(at)).toBe('drifted c');
    await stamp({ ...at, auto: true });
    expect(await doctor(at)).toMatchObject({ ok: true, accepted: [{ object: 'index public.item_s' }] });
    await boot(at);
  });

  test('and made an index and wrote rows: left out', async () => {
    const at = await legacy(
      { ...chain, b: "CREATE INDEX item_s ON item (state); UPDATE item SET state = 'x';" },
      'c',
      'DROP INDEX item_s',
    );
    expect(await answer(at)).toBe('near c without b');
  });
});

test('a hole below a merge', async () => {
  const files = {
    ...chainFiles({ a: A }),
    ...Object.fromEntries(
      [
        ['b1', 'a', B],
        ['b2', 'a', C],
        ['m', 'b1, b2', D],
      ].map(([id, revises, sql]) => [
        `${id}.sql`,
        `-- x\n--\n-- @revision ${id}\n-- @revises ${revises}\n-- @upgrade\n${sql}\n`,
      ]),
    ),
  };
  const revisions = folderWith(files);
  await catalogueOf(revisions);
  const at = { revisions, database: database.url };
  await upgrade({ ...at, target: 'b2' });
  await database.query('DROP TABLE revgraph_version, revgraph_ledger');
  await database.query(D);
  expect((await identify(at)).hole).toMatchObject({ stamp: ['m'], without: ['b1'] });
});

test('tables that stand in another schema: said which', async () => {
  const at = await legacy(
    chain,
    'c',
    'CREATE SCHEMA app',
    'ALTER TABLE item SET SCHEMA app',
    'ALTER TABLE other SET SCHEMA app',
  );
  const found = await identify(at);
  expect(found.elsewhere).toBe('app');
  expect(identificationText(found)).toContain('are in the schema app');
});

test('the topmost revision that writes rows is not confirmed by what somebody may have made by hand', async () => {
  const b = `UPDATE item SET state = 'free' WHERE state IS NULL;
    CREATE INDEX item_state ON item (state);
    CREATE TABLE audit (id int);`;
  const at = await legacy({ a: A, b, c: C }, 'a', 'CREATE TABLE audit (id int, at timestamptz, who text)');
  expect((await identify(at)).match).not.toBe('drifted');
  await expect(stamp({ ...at, auto: true })).rejects.toMatchObject(refused);
  await expect(boot({ ...at, drift: 'accept' })).rejects.toMatchObject(refused);
});

describe('mending', () => {
  const drift = [
    'DROP INDEX item_price',
    'ALTER TABLE item ALTER price SET DEFAULT 2',
    'ALTER TABLE item RENAME CONSTRAINT item_u TO mine',
    'ALTER TABLE item DISABLE TRIGGER item_t',
    'ALTER TABLE item ALTER state TYPE varchar(9)',
    'ALTER TABLE item ALTER tax SET NOT NULL',
  ];

  test('by the statements that doctor gives, in one transaction, and then it agrees', async () => {
    const at = await legacy(chain, 'c', ...drift);
    expect(await answer(at)).toBe('drifted c');
    expect((await doctor(at)).mends.flatMap(({ sql }) => sql).length).toBe(drift.length + 1);
    await expect(repairDrift(at)).rejects.toMatchObject({ code: 'confirmation_needed' });
    await repairDrift({ ...at, confirmed: true });
    expect(await answer(at)).toBe('exact c');
  });

  test('a sequence that is made again gives out no number that is there', async () => {
    const numbered = {
      a: 'CREATE TABLE log (id serial PRIMARY KEY, n int); INSERT INTO log (n) VALUES (1);',
      b: C,
    };
    const at = await folder(numbered);
    await upgrade(at);
    await database.query('ALTER TABLE log ALTER id DROP DEFAULT; DROP SEQUENCE log_id_seq');
    await repairDrift({ ...at, confirmed: true });
    await database.query('INSERT INTO log (n) VALUES (2)');
    expect(await database.query('SELECT id FROM log ORDER BY 1')).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test('a value that another type would cut off is not cut off', async () => {
    const upgrades = {
      ...chain,
      a: 'CREATE TABLE item (id int PRIMARY KEY, name varchar(5), amount numeric(6,2));',
    };
    const changed = 'ALTER TABLE item ALTER name TYPE text, ALTER amount TYPE numeric';
    const at = await legacy(upgrades, 'c', changed);
    await database.query("INSERT INTO item VALUES (1, 'short', 1.5)");
    for (const [column, value] of [
      ['name', 'Alexandria'],
      ['amount', 1.239],
    ]) {
      await database.query(`UPDATE item SET ${column} = $1`, [value]);
      expect((await repairDrift({ ...at, confirmed: true })).failed).toEqual([
        {
          object: `column public.item.${column}`,
          sqlstate: 'P0001',
          reason: expect.stringContaining('do not fit'),
        },
      ]);
      await database.query(changed);
      await database.query("UPDATE item SET name = 'short', amount = 1.5");
    }
    await repairDrift({ ...at, confirmed: true });
    expect(await database.query('SELECT name, amount::text FROM item')).toEqual([
      { name: 'short', amount: '1.50' },
    ]);
  });

  test('of a managed database too; what holds rows is left, and said', async () => {
    const at = await folder(chain);
    await upgrade({ ...at, target: 'head' });
    await database.query('DROP INDEX item_price; ALTER TABLE item ALTER price SET DEFAULT 2');
    expect(await doctor(at)).toMatchObject({ ok: false, mends: [{}, {}] });
    await repairDrift({ ...at, confirmed: true });
    expect(await doctor(at)).toMatchObject({ ok: true, mends: [] });
  });

  test('that ends otherwise than the catalogue says is rolled back', async () => {
    const at = await legacy(
      chain,
      'c',
      'ALTER TABLE item ALTER price SET DEFAULT 2',
      `
      CREATE FUNCTION again() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
        IF pg_trigger_depth() = 0 AND current_setting('my.in', true) IS NULL THEN
          PERFORM set_config('my.in', '1', true); ALTER TABLE public.item ALTER price SET DEFAULT 5;
        END IF; END $$;
      CREATE EVENT TRIGGER again ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION again()`,
    );
    await expect(repairDrift({ ...at, confirmed: true })).rejects.toMatchObject({
      code: 'repair_unforeseen',
    });
    const [row] = await database.query(
      "SELECT column_default FROM information_schema.columns WHERE table_name = 'item' AND column_name = 'price'",
    );
    expect(row).toEqual({ column_default: '2' });
  });
});
