import { execFileSync } from 'node:child_process';
import { afterAll, describe, expect, test } from 'vitest';
import { difference, type Snapshot } from '../../lib/fingerprint/fact.js';
import { type IdentifyResult, identify } from '../../lib/index.js';
import { ODD_OBJECTS } from '../support/odd-objects.js';
import { copied, factsOf, type Place, tableOf, VERSIONS, withPlace } from './everywhere.js';

/* Dumped from one PostgreSQL and restored into another: the same facts, and the same answer to which revision it is. */

/** What a real database has beside what the graph knows. */
const GROWN = `
  CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
  CREATE FUNCTION public.best(n integer DEFAULT 3, VARIADIC words text[] DEFAULT '{}') RETURNS SETOF public.characters
    LANGUAGE sql AS $$ SELECT * FROM public.characters LIMIT 1 $$;
  CREATE TRIGGER touched BEFORE UPDATE ON public.characters FOR EACH ROW EXECUTE FUNCTION public.touch();
  CREATE VIEW public.overview AS SELECT c.id, upper(c.name::text) AS name, count(*) OVER () AS n FROM public.characters c;
  CREATE MATERIALIZED VIEW public.totals AS SELECT count(*) AS n FROM public.overview;
  CREATE SEQUENCE public.tickets;
  ALTER TABLE public.characters ADD COLUMN ticket bigint DEFAULT nextval('public.tickets'),
    ADD CONSTRAINT ticket_kind CHECK (name IN ('a', 'b') OR ticket > 0) NOT VALID;
  ALTER SEQUENCE public.tickets OWNED BY public.characters.ticket;
  CREATE INDEX dba ON public.characters (lower(name::text)) WHERE name IN ('a', 'b');
  COMMENT ON TABLE public.characters IS 'who they are';
  COMMENT ON COLUMN public.characters.name IS 'said aloud: "so"';
  COMMENT ON INDEX public.dba IS 'for the report';
  COMMENT ON FUNCTION public.touch() IS 'nothing';
  CREATE TABLE public.measured (at date NOT NULL, n int) PARTITION BY RANGE (at);
  CREATE TABLE public.measured_2024 PARTITION OF public.measured FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
`;

const RELEASES = ['v1.0.6', 'v1.0.24', 'v1.0.28'];
const scriptOf = (release: string): string =>
  execFileSync(
    process.execPath,
    ['fixtures/whisperengine/facts-to-sql.mjs', `fixtures/whisperengine/${release}.json`],
    { encoding: 'utf8' },
  );

const answerOf = ({ source }: Place): Promise<IdentifyResult> =>
  identify({ revisions: 'revisions', database: source });

/** There and back: each to itself, each to the newest, the newest to each, and in and out of the embedded one. */
const WAYS = VERSIONS.flatMap((version) => {
  const servers = VERSIONS.filter((one) => one !== VERSIONS.at(-1));
  const [oldest, newest] = [servers[0] ?? version, servers.at(-1) ?? version];
  return [...new Set([version, oldest, newest])].map((to) => [version, to] as const);
});

const NONE = { missing: [], unexpected: [] };
const rows: string[][] = [['dumped from', 'restored in', ...RELEASES, 'objects of all kinds']];
afterAll(() => console.log(`\n${tableOf(rows)}\n`));

describe.each(WAYS)('%s → %s', (from, to) => {
  const row = [from, to];
  rows.push(row);

  test.each(RELEASES)('%s', async (release) => {
    await withPlace(from, async (place) => {
      await place.run(scriptOf(release));
      await place.run(GROWN);
      const before = await answerOf(place);
      const after = await copied(place.source, to, answerOf);
      expect(after).toEqual(before);
      expect(before.foreign).toContain('function public.touch(): trigger');
      row.push(`${before.match} ${before.stamp.join()}`);
    });
  });

  test('objects of all kinds', async () => {
    await withPlace(from, async (place) => {
      await place.run(ODD_OBJECTS);
      const before = await factsOf(place.source);
      const after = await copied(place.source, to, (copy) => factsOf(copy.source));
      expect(difference(before, after)).toEqual(NONE);
      row.push(`${before.size}`);
    });
  });
});

/** What came later than PostgreSQL 14, by the version that has it. */
const NEWER: readonly [since: number, objects: string][] = [
  [
    15,
    `CREATE TABLE public.since15 (a int, b int, UNIQUE NULLS NOT DISTINCT (a, b));
     CREATE VIEW public.invoker WITH (security_invoker = true) AS SELECT a FROM public.since15;`,
  ],
  [
    18,
    `CREATE TABLE public.since18 (a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL, c int CONSTRAINT c_there NOT NULL, during tsrange,
       CHECK (a > 0) NOT ENFORCED);
     ALTER TABLE public.since18 ADD CONSTRAINT a_there NOT NULL a NOT VALID;`,
  ],
];

test.each(NEWER)(
  'what PostgreSQL %i brought has the same facts on all that have it, and after a dump',
  async (since, objects) => {
    const found: Snapshot[] = [];
    for (const version of VERSIONS)
      await withPlace(version, async (place) => {
        const isThere = await place
          .run(`DO $$ BEGIN ASSERT current_setting('server_version_num')::int >= ${since}0000; END $$`)
          .then(
            () => true,
            () => false,
          );
        if (!isThere) return;
        await place.run(objects);
        found.push(
          await factsOf(place.source),
          await copied(place.source, version, (copy) => factsOf(copy.source)),
        );
      });
    expect(found.length).toBeGreaterThan(1);
    for (const facts of found) expect(difference(facts, found[0] as Snapshot)).toEqual(NONE);
  },
);

test.each(VERSIONS)(
  'objects of all kinds have the same facts on %s as on the newest server',
  async (version) => {
    const [here, there] = await Promise.all(
      [version, VERSIONS.at(-2) ?? version].map((one) =>
        withPlace(one, async (place) => {
          await place.run(ODD_OBJECTS);
          return factsOf(place.source);
        }),
      ),
    );
    expect(difference(here ?? new Set(), there ?? new Set())).toEqual(NONE);
  },
);
