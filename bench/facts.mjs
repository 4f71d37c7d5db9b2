/* Reading the facts of a database on a local server. */

import pg from 'pg';
import { readFactRows } from '../dist/lib/database/catalog/introspect.js';
import { withSession } from '../dist/lib/database/connection/connect.js';
import { toSnapshot } from '../dist/lib/fingerprint/fact.js';
import { median } from './median.mjs';
import { withServer } from './with-server.mjs';

const FEW = 100;
const MANY = 1000;
const ROUNDS = 9;
const LIMIT_MS = 250;
const LIMIT_TRIPS = 3;
const LIMIT_GROWTH = 12;

/** A table and what stands on it: 14 facts. */
const tableSql = (n) => `
  CREATE TABLE t${n} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    parent bigint REFERENCES t${Math.max(n - 1, 0)},
    name text NOT NULL DEFAULT 'nobody',
    kind varchar(20) CHECK (kind IN ('a', 'b', 'c')),
    price numeric(10, 2),
    made timestamptz DEFAULT now(),
    document jsonb
  );
  CREATE INDEX ON t${n} (parent);
  CREATE INDEX ON t${n} (lower(name)) WHERE kind IN ('a', 'b');
  COMMENT ON TABLE t${n} IS 'table ${n}';
`;
const FACTS_PER_TABLE = 14;

async function fill(server, tables) {
  const name = `bench_${tables}`;
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  const url = server.replace(/\/postgres$/, `/${name}`);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (let n = 0; n < tables; n++) await client.query(tableSql(n));
  await client.end();
  return url;
}

/** What a command does: connect, read, make facts of it. Statements that are sent are counted. */
async function sample(url, tables) {
  const spent = { connect: 0, read: 0, trips: 0 };
  const start = performance.now();
  await withSession(url, {}, async (session) => {
    spent.connect = performance.now() - start;
    const counting = {
      query: (text) => {
        spent.trips++;
        return session.query(text);
      },
    };
    const facts = toSnapshot(await readFactRows(counting));
    spent.read = performance.now() - start - spent.connect;
    if (facts.size !== tables * FACTS_PER_TABLE) throw new Error(`${facts.size} facts of ${tables} tables`);
  });
  return spent;
}

/** Both sizes in turn; the ratio is the median of the rounds' own ratios. */
export function factRatios() {
  return withServer(async (server) => {
    const urls = { few: await fill(server, FEW), many: await fill(server, MANY) };
    const rounds = [];
    for (let round = -1; round < ROUNDS; round++) {
      const both = { few: await sample(urls.few, FEW), many: await sample(urls.many, MANY) };
      if (round >= 0) rounds.push(both);
    }
    const middle = (size, key) => median(rounds.map((round) => round[size][key]));
    const [few, many] = [middle('few', 'read'), middle('many', 'read')];
    // What the others take more is the machine's doing.
    const fastest = Math.min(...rounds.map((round) => round.many.read));
    return [
      {
        what: 'growth',
        ratio: median(rounds.map((round) => round.many.read / round.few.read)),
        limit: LIMIT_GROWTH,
        detail: `${many.toFixed(0)} ms over ${few.toFixed(0)} ms`,
      },
      {
        what: 'time',
        ratio: fastest / LIMIT_MS,
        limit: 1,
        detail: `${fastest.toFixed(0)} ms of ${LIMIT_MS} ms, median ${many.toFixed(0)} ms`,
      },
      {
        what: 'round trips',
        ratio: middle('many', 'trips') / LIMIT_TRIPS,
        limit: 1,
        detail: `${middle('many', 'trips')} of ${LIMIT_TRIPS}, after ${middle('many', 'connect').toFixed(0)} ms to connect`,
      },
    ];
  });
}
