import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { doctor, type RepairOptions, repair, stamp, upgrade } from '../../lib/index.js';
import { catalogueOf } from '../support/catalogue.js';
import { run } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/databases.js';
import { folderWith, sql } from '../support/project.js';
import { chainFiles } from './chain.js';

/* A revision that never ran, below one that did: it is run late only if all ends as in a fresh install. */

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const A = 'CREATE TABLE item (id int PRIMARY KEY, price int, band text); INSERT INTO item VALUES (1, 5);';
/** What shows that b never ran. */
const TAX = 'ALTER TABLE item ADD COLUMN tax int;';
const NOTE = 'ALTER TABLE item ADD COLUMN note text;';

/** a ran; b did not; c ran on top; the rows claim c. */
async function skipped(a: string, b: string, c: string, more: Record<string, string> = {}) {
  const revisions = folderWith({ ...chainFiles({ a: A + a, b, c }), ...more });
  const at = { revisions, database: database.url };
  await catalogueOf(revisions);
  await upgrade({ ...at, target: 'a' });
  const fresh = await freshDatabase();
  await upgrade({ revisions, database: fresh.url, target: 'c' });
  await stamp({ ...at, target: ['b'], confirmed: true });
  await upgrade({ ...at, target: 'c' });
  return { at, fresh };
}

/** Repairs, and looks whether what a query gives is as before, or as in a fresh install. */
async function repaired(
  { at, fresh }: Awaited<ReturnType<typeof skipped>>,
  query: string,
  more: Partial<RepairOptions> = {},
) {
  const before = await database.query(query);
  expect((await doctor(at)).missing).toEqual(['b']);
  const error = await repair({ ...at, ...more }).then(
    () => null,
    (thrown) => thrown,
  );
  const after = await database.query(query);
  const right = await fresh.query(query);
  await fresh.drop();
  return { error, isAsBefore: JSON.stringify(before) === JSON.stringify(after), after, right };
}

const BODY = (n: number) => `CREATE OR REPLACE FUNCTION fee() RETURNS int LANGUAGE sql AS 'SELECT ${n}';`;
const VIEW = (n: number) => `CREATE OR REPLACE VIEW seen AS SELECT id, ${n} AS n FROM item;`;
const RULE = (n: number) =>
  `CREATE OR REPLACE RULE kept AS ON DELETE TO item DO INSTEAD UPDATE item SET price = ${n};`;

test.each([
  ["INSERT INTO item VALUES (9, 9, 'x', 1, 'y');"],
  ['CREATE TABLE copy (LIKE item); INSERT INTO copy (id, price, band, tax, note) SELECT * FROM item;'],
  ["DO $$ BEGIN INSERT INTO item VALUES (9, 9, 'x', 1, 'y'); END $$;"],
])(
  'is refused where columns would stand in an order in which a revision to come does not take them: %s',
  async (upgrade) => {
    const d = sql('d', { revises: 'c', upgrade });
    const { at, fresh } = await skipped('', TAX, NOTE, { 'd.sql': d });
    const refused = {
      code: 'repair_refused',
      message: expect.stringContaining('the order of the columns of item'),
    };
    await expect(repair(at)).rejects.toMatchObject(refused);
    await fresh.drop();
  },
);

describe('is refused where a later revision', () => {
  test.each([
    ['has another body of the function', BODY(0), BODY(1), BODY(2), 'SELECT fee()'],
    ['has another query of the view', VIEW(0), VIEW(1), VIEW(2), 'SELECT * FROM seen'],
    [
      'has another rule',
      RULE(0),
      RULE(1),
      RULE(2),
      "SELECT definition FROM pg_rules WHERE rulename = 'kept'",
    ],
    [
      'writes rows of the same table',
      '',
      "UPDATE item SET band = 'low';",
      "UPDATE item SET band = 'high';",
      'SELECT band FROM item',
    ],
    [
      'adds rows to the same table',
      'CREATE TABLE log (id serial, t text);',
      "INSERT INTO log (t) VALUES ('b');",
      "INSERT INTO log (t) VALUES ('c');",
      'SELECT * FROM log',
    ],
    [
      'added rows before the default that it sets',
      '',
      "ALTER TABLE item ADD COLUMN state text DEFAULT 'old'; ALTER TABLE item ALTER state SET DEFAULT 'new';",
      'INSERT INTO item (id) VALUES (2);',
      'SELECT * FROM item',
    ],
    [
      'changed the function of a default of the rows that it adds',
      "CREATE FUNCTION first() RETURNS text LANGUAGE sql AS 'SELECT ''old'''; CREATE TABLE log (id int, t text DEFAULT first());",
      'INSERT INTO log (id) VALUES (1);',
      "CREATE OR REPLACE FUNCTION first() RETURNS text LANGUAGE sql AS 'SELECT ''new''';",
      'SELECT * FROM log',
    ],
    [
      'makes a trigger for the rows that it adds',
      "CREATE FUNCTION low() RETURNS trigger LANGUAGE plpgsql AS 'begin new.band := lower(new.band); return new; end';",
      "INSERT INTO item VALUES (2, 2, 'HIGH');",
      'CREATE TRIGGER low BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION low();',
      'SELECT * FROM item',
    ],
    [
      'gave the name of the table to another one',
      'CREATE TABLE log (id int);',
      'INSERT INTO log VALUES (1);',
      'ALTER TABLE log RENAME TO log_old; CREATE TABLE log (id int);',
      'SELECT * FROM log',
    ],
    [
      'lets rows go with those that it deletes',
      'CREATE TABLE part (id int, item int CONSTRAINT fk REFERENCES item ON DELETE SET NULL); INSERT INTO part VALUES (1, 1);',
      'DELETE FROM item WHERE id = 1;',
      'ALTER TABLE part DROP CONSTRAINT fk, ADD CONSTRAINT fk FOREIGN KEY (item) REFERENCES item ON DELETE CASCADE;',
      'SELECT * FROM part',
    ],
    [
      'adds rows where there are none yet',
      'CREATE TABLE log (id int PRIMARY KEY, t text);',
      "INSERT INTO log VALUES (1, 'b') ON CONFLICT DO NOTHING;",
      "INSERT INTO log VALUES (1, 'c') ON CONFLICT DO NOTHING;",
      'SELECT * FROM log',
    ],
    [
      'was made of the rows that it writes',
      'CREATE TABLE total (n int);',
      'UPDATE item SET price = price * 2;',
      'INSERT INTO total SELECT sum(price) FROM item;',
      'SELECT * FROM item, total',
    ],
    [
      'writes the rows of which it would be made',
      'CREATE TABLE total (n int);',
      'INSERT INTO total SELECT sum(price) FROM item;',
      'UPDATE item SET price = price * 2;',
      'SELECT * FROM item LEFT JOIN total ON true',
    ],
    [
      'calls the function that it changes',
      BODY(0),
      BODY(1),
      'UPDATE item SET price = fee();',
      'SELECT price, fee() FROM item',
    ],
    [
      'writes rows that a view shows',
      'CREATE VIEW low AS SELECT * FROM item; CREATE TABLE total (n int);',
      'INSERT INTO total SELECT sum(price) FROM low;',
      'UPDATE item SET price = price * 2;',
      'SELECT * FROM item LEFT JOIN total ON true',
    ],
    [
      'writes rows that a trigger writes',
      `CREATE TABLE feed (t text);
      CREATE FUNCTION follow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN UPDATE item SET band = NEW.t; RETURN NEW; END';
      CREATE TRIGGER follow AFTER INSERT ON feed FOR EACH ROW EXECUTE FUNCTION follow();`,
      "INSERT INTO feed VALUES ('b');",
      "UPDATE item SET band = 'c';",
      'SELECT band FROM item',
    ],
    [
      'calls a function that reads the rows',
      "CREATE FUNCTION total() RETURNS bigint LANGUAGE sql AS 'SELECT sum(price) FROM item'; CREATE TABLE sums (n bigint);",
      'UPDATE item SET price = price * 2;',
      'INSERT INTO sums SELECT total();',
      'SELECT * FROM item, sums',
    ],
    [
      'writes the same rows in a DO block',
      '',
      "UPDATE item SET band = 'low';",
      "DO $$ BEGIN UPDATE item SET band = 'high'; END $$;",
      'SELECT band FROM item',
    ],
    [
      'takes away the right that it gives',
      '',
      'GRANT SELECT ON item TO PUBLIC;',
      'REVOKE SELECT ON item FROM PUBLIC;',
      "SELECT relacl::text FROM pg_class WHERE relname = 'item'",
    ],
    [
      'sets a property again',
      '',
      'ALTER TABLE item SET (fillfactor = 50);',
      'ALTER TABLE item SET (fillfactor = 60);',
      "SELECT reloptions FROM pg_class WHERE relname = 'item'",
    ],
    [
      'writes rows that it converts',
      '',
      'ALTER TABLE item ALTER price TYPE bigint USING price * 100;',
      'INSERT INTO item VALUES (2, 7);',
      'SELECT * FROM item ORDER BY id',
    ],
    [
      'kept whole rows as text',
      'CREATE TABLE log (t text);',
      '',
      'INSERT INTO log SELECT item::text FROM item;',
      'SELECT * FROM log',
    ],
    [
      'kept whole rows of another name as JSON',
      'CREATE TABLE log (t jsonb);',
      '',
      'INSERT INTO log SELECT to_jsonb(i) FROM item i;',
      'SELECT * FROM log',
    ],
    [
      'kept whole rows by a trigger',
      `CREATE TABLE log (t jsonb);
      CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO log VALUES (to_jsonb(NEW)); RETURN NEW; END';
      CREATE TRIGGER keep AFTER UPDATE ON item FOR EACH ROW EXECUTE FUNCTION keep();`,
      '',
      'UPDATE item SET price = 6;',
      'SELECT * FROM log',
    ],
    [
      'writes rows of the parent of the table to which it adds some',
      'CREATE TABLE kid () INHERITS (item);',
      "INSERT INTO kid VALUES (7, 7, 'low');",
      "UPDATE item SET band = 'high';",
      'SELECT id, price, band FROM item ORDER BY id',
    ],
    [
      'writes rows of a partition of the table whose rows it writes',
      `CREATE TABLE log (id int, t text) PARTITION BY LIST (id); CREATE TABLE log_1 (id int, t text);
      ALTER TABLE log ATTACH PARTITION log_1 FOR VALUES IN (1); INSERT INTO log VALUES (1, 'a');`,
      "UPDATE log SET t = 'b';",
      "UPDATE log_1 SET t = 'c';",
      'SELECT * FROM log',
    ],
    [
      'lets a key take from rows what it looks for',
      'CREATE TABLE part (id int, item int REFERENCES item ON DELETE SET NULL, t text); INSERT INTO part VALUES (1, 1);',
      "UPDATE part SET t = 'b' WHERE item = 1;",
      'DELETE FROM item WHERE id = 1;',
      'SELECT * FROM part',
    ],
    [
      'writes rows by way of a view',
      'CREATE VIEW low AS SELECT id, band FROM item;',
      "UPDATE item SET band = 'low';",
      "UPDATE low SET band = 'high';",
      'SELECT band FROM item',
    ],
    [
      'has definitions of which an event trigger keeps something',
      `CREATE TABLE log (t text);
      CREATE FUNCTION keep() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO log VALUES (tg_tag); END';`,
      'CREATE EVENT TRIGGER keep ON ddl_command_end EXECUTE FUNCTION keep();',
      '',
      'SELECT * FROM log',
    ],
    [
      'made a table that is to have no right that all have',
      '',
      'GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC;',
      'CREATE TABLE secret (id int);',
      "SELECT relacl::text FROM pg_class WHERE relname = 'secret'",
    ],
    [
      'looked whether the table that it makes is there',
      'CREATE TABLE log (t text);',
      'CREATE TABLE made (id int);',
      "DO $$ BEGIN IF to_regclass('made') IS NULL THEN INSERT INTO log VALUES ('none'); END IF; END $$;",
      'SELECT * FROM log',
    ],
    [
      'counted the columns of a table to which it adds one',
      'CREATE TABLE log (t text);',
      '',
      "INSERT INTO log SELECT column_name FROM information_schema.columns WHERE table_name = 'item' AND column_name = 'tax';",
      'SELECT * FROM log',
    ],
    [
      'made an index of what a function gave that it replaces',
      "CREATE FUNCTION twice(n int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT n * 2';",
      "CREATE OR REPLACE FUNCTION twice(n int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT n * 3';",
      'CREATE INDEX item_twice ON item (twice(price));',
      'SELECT twice(price) FROM item',
    ],
    [
      'adds rows that a sequence which it sets numbers',
      'CREATE TABLE log (id serial, t text);',
      "SELECT setval('log_id_seq', 100);",
      "INSERT INTO log (t) VALUES ('c');",
      'SELECT * FROM log',
    ],
    [
      'read the rows of a child that it drops',
      'CREATE TABLE kid () INHERITS (item); INSERT INTO kid VALUES (7, 7); CREATE TABLE total (n int);',
      'DROP TABLE kid;',
      'INSERT INTO total SELECT sum(price) FROM item;',
      'SELECT * FROM total',
    ],
    [
      'adds rows where a unique index that it drops has none yet',
      'CREATE TABLE log (id int, t text); CREATE UNIQUE INDEX log_u ON log (id); INSERT INTO log VALUES (1);',
      'DROP INDEX log_u;',
      "INSERT INTO log VALUES (1, 'c') ON CONFLICT DO NOTHING;",
      'SELECT * FROM log',
    ],
    [
      'kept the label of a value that it renames',
      "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE log (m mood, t text); INSERT INTO log VALUES ('sad');",
      "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';",
      'UPDATE log SET t = m::text;',
      'SELECT * FROM log',
    ],
    [
      'adds rows by way of a view to a table that gets a default',
      'CREATE TABLE log (id int, t text); CREATE VIEW seen AS SELECT * FROM log;',
      "ALTER TABLE log ALTER t SET DEFAULT 'b';",
      'INSERT INTO seen (id) VALUES (1);',
      'SELECT * FROM log',
    ],
    [
      'took rights from what it drops and makes again',
      "CREATE FUNCTION secret() RETURNS int LANGUAGE sql AS 'SELECT 1';",
      "DROP FUNCTION secret(); CREATE FUNCTION secret() RETURNS int LANGUAGE sql AS 'SELECT 1';",
      'REVOKE EXECUTE ON FUNCTION secret() FROM PUBLIC;',
      "SELECT proacl::text FROM pg_proc WHERE proname = 'secret'",
    ],
    [
      'made a view of all columns of the table to which it adds one',
      '',
      '',
      'CREATE VIEW whole AS SELECT * FROM item;',
      "SELECT attname FROM pg_attribute WHERE attrelid = 'whole'::regclass",
    ],
    [
      'has another comment',
      '',
      "COMMENT ON TABLE item IS 'b';",
      "COMMENT ON TABLE item IS 'c';",
      "SELECT obj_description('item'::regclass)",
    ],
  ])('%s', async (_, a, b, c, query) => {
    const { error, isAsBefore } = await repaired(await skipped(a, TAX + b, NOTE + c), query);
    expect(error).toMatchObject({ code: 'repair_refused', exitValue: 4 });
    expect(isAsBefore).toBe(true);
  });
});

describe('is run where nothing meets', () => {
  test.each([
    [
      'other tables',
      'CREATE TABLE log (t text);',
      "INSERT INTO log VALUES ('b');",
      'UPDATE item SET price = 6;',
    ],
    [
      'both only add rows',
      'CREATE TABLE log (t text);',
      "INSERT INTO log VALUES ('b');",
      "INSERT INTO log VALUES ('c');",
    ],
    [
      'both only read',
      'CREATE TABLE x (n int); CREATE TABLE y (n int);',
      'INSERT INTO x SELECT price FROM item;',
      'INSERT INTO y SELECT price FROM item;',
    ],
    [
      'one looks for other names than the other makes',
      'CREATE TABLE log (t text);',
      'CREATE TABLE IF NOT EXISTS made (id int, at timestamp);',
      "DO $$ BEGIN IF to_regclass('other') IS NULL THEN INSERT INTO log VALUES ('none'); END IF; END $$;",
    ],
    [
      'one adds rows to a table, one to a table that inherits from it',
      'CREATE TABLE kid () INHERITS (item);',
      "INSERT INTO kid VALUES (7, 6, 'low');",
      'INSERT INTO item (id, price) VALUES (8, 6);',
    ],
    [
      'columns of a table of which others are taken by name',
      'CREATE TABLE log (t text);',
      '',
      'INSERT INTO log SELECT i.band FROM item i WHERE i.price > 2;',
    ],
    [
      'both add a table of their own to a publication',
      'CREATE PUBLICATION feed;',
      'CREATE TABLE p (id int PRIMARY KEY); ALTER PUBLICATION feed ADD TABLE p;',
      'CREATE TABLE q (id int PRIMARY KEY); ALTER PUBLICATION feed ADD TABLE q;',
    ],
    ['both only grant', '', 'GRANT SELECT ON item TO PUBLIC;', 'GRANT INSERT ON item TO PUBLIC;'],
    [
      'temporary tables',
      '',
      'CREATE TEMP TABLE w ON COMMIT DROP AS SELECT 1 AS n;',
      'CREATE TEMP TABLE w ON COMMIT DROP AS SELECT 2 AS n;',
    ],
  ])('%s', async (_, a, b, c) => {
    const { error, right } = await repaired(await skipped(a, TAX + b, NOTE + c), 'SELECT price FROM item');
    expect(error).toBeNull();
    expect(right).toEqual(await database.query('SELECT price FROM item'));
  });

  test('what revisions on different lines share is not held against it', async () => {
    const files = {
      ...chainFiles({ a: A, b: `${TAX} CREATE TABLE IF NOT EXISTS x (id int);` }),
      ...chainFiles({ a: A, d: 'CREATE TABLE IF NOT EXISTS x (id int); CREATE TABLE d (id int);' }),
    };
    const revisions = folderWith(files);
    const at = { revisions, database: database.url };
    await catalogueOf(revisions);
    await upgrade({ ...at, target: 'a' });
    await stamp({ ...at, target: ['b'], confirmed: true });
    expect((await repair(at)).steps.map(({ revision }) => revision)).toEqual(['b']);
    expect((await doctor(at)).missing).toEqual([]);
  });
});

describe('without a catalogue it is refused where a later revision', () => {
  test.each([
    ['has another comment', "COMMENT ON TABLE item IS 'b';", "COMMENT ON TABLE item IS 'c';"],
    ['adds another value', "ALTER TYPE mood ADD VALUE 'b';", "ALTER TYPE mood ADD VALUE 'c';"],
    [
      'makes the same table, if there is none',
      'CREATE TABLE IF NOT EXISTS made (a int);',
      'CREATE TABLE IF NOT EXISTS made (b int);',
    ],
    [
      'defines something of a table that it renames',
      'ALTER TABLE item RENAME TO thing;',
      'ALTER TABLE item ADD COLUMN note text;',
    ],
  ])('%s', async (_, b, c) => {
    const a = `${A} CREATE TYPE mood AS ENUM ('a');`;
    await upgrade({ revisions: folderWith(chainFiles({ a, c })), database: database.url });
    const at = { revisions: folderWith(chainFiles({ a, b, c })), database: database.url };
    await expect(repair(at)).rejects.toMatchObject({ code: 'repair_refused', exitValue: 4 });
  });
});

test('a word with a reason runs it all the same, and its dry run names the tables whose rows it writes', async () => {
  const { at, fresh } = await skipped(
    '',
    `${TAX} UPDATE item SET band = 'low';`,
    "UPDATE item SET band = 'high';",
  );
  await fresh.drop();
  const decided = { ...at, run: ['b'], reason: 'bands are made anew every night' };
  const { revisions } = await repair({ ...decided, dryRun: true });
  expect(revisions.map(({ tables }) => tables)).toEqual([[], ['item'], []]);
  const args = ['--revisions', at.revisions, '--url', at.database, '--revision', 'b', '--reason', 'x'];
  const said = await run(process.cwd(), ['repair', '--dry-run', ...args]);
  expect(said.stdout).toContain('run, which writes rows of item');
  await repair(decided);
  expect(await database.query('SELECT band FROM item')).toEqual([{ band: 'low' }]);
});

describe('proves itself in the transaction of its step', () => {
  test('what the catalogue does not foresee is rolled back and shown', async () => {
    const revisions = folderWith(
      chainFiles({ a: A, b: `${TAX} ALTER TABLE item ALTER band TYPE varchar(9);`, c: NOTE }),
    );
    const at = { revisions, database: database.url };
    await catalogueOf(revisions);
    await upgrade({ ...at, target: 'a' });
    await stamp({ ...at, target: ['b'], confirmed: true });
    await upgrade({ ...at, target: 'c' });
    await database.query("ALTER TABLE item ALTER band SET DEFAULT 'none'");
    await expect(repair(at)).rejects.toMatchObject({
      code: 'repair_refused',
      message: expect.stringContaining('there in another shape or under another name'),
    });
    await expect(repair({ ...at, run: ['b'], reason: 'try' })).rejects.toMatchObject({
      code: 'step_failed',
      message: expect.stringContaining(
        "this would be there: column public.item.band: character varying(9) default 'none'",
      ),
      details: { remains: 'nothing' },
    });
    expect(await database.query("SELECT 1 FROM pg_attribute WHERE attname = 'tax'")).toEqual([]);
  });

  test('a foreign object that goes with it is shown, and stays', async () => {
    const rig = await skipped('CREATE TABLE old (id int);', `${TAX} DROP TABLE old CASCADE;`, NOTE);
    await database.query('CREATE VIEW theirs AS SELECT id FROM old');
    const { error, isAsBefore } = await repaired(rig, "SELECT to_regclass('theirs')");
    expect(error.message).toContain('this would be missing: view public.theirs');
    expect(error).toMatchObject({ code: 'step_failed', details: { remains: 'nothing' } });
    expect(isAsBefore).toBe(true);
  });

  test('rows that later revisions wrote, changed by a name that no text has whole', async () => {
    const child = 'CREATE TABLE child (item int, n int); INSERT INTO child VALUES (1, 0);';
    const made = `DO $$ BEGIN EXECUTE 'UPDATE chi' || 'ld SET n = 2'; END $$;`;
    const rig = await skipped(child, TAX + made, `${NOTE} UPDATE child SET n = 1;`);
    const { error, isAsBefore } = await repaired(rig, 'SELECT n FROM child');
    expect(error).toMatchObject({ code: 'step_failed', details: { remains: 'nothing' } });
    expect(error.message).toContain(
      'b and the later c, which has run, both concern the rows of public.child',
    );
    expect(isAsBefore).toBe(true);
  });
});
