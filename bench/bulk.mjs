/* Many rows into a table of a local server, beside what one would write by hand. */
import pg from 'pg';
import { copyInto } from '../dist/lib/database/bulk/copy.js';
import { insertMany, updateMany } from '../dist/lib/database/bulk/insert.js';
import { median } from './median.mjs';
import { withServer } from './with-server.mjs';

const ROWS = 100_000;
const CHUNK = 5000;
const ROUNDS = 7;
/** Time over that of the loop written by hand: 0.9 of its rows per second. */
const LIMIT = 1 / 0.9;

const COLUMNS = 'id int PRIMARY KEY, name text, score float8, ok boolean, at timestamptz, doc jsonb';
const UNNEST =
  'SELECT * FROM unnest($1::int[], $2::text[], $3::float8[], $4::boolean[], $5::timestamptz[], $6::jsonb[])';

const rows = Array.from({ length: ROWS }, (_, id) => ({
  id,
  name: `name ${id}`,
  score: id / 7,
  ok: id % 2 === 0,
  at: new Date(1.7e12 + id * 1000),
  doc: { auditId: `a${id}`, text: 'some "quoted" text here', number: id, tags: ['a', 'b'] },
}));

async function byHand(client, sql) {
  for (let from = 0; from < ROWS; from += CHUNK) {
    const chunk = rows.slice(from, from + CHUNK);
    await client.query(sql, [
      chunk.map((row) => row.id),
      chunk.map((row) => row.name),
      chunk.map((row) => row.score),
      chunk.map((row) => row.ok),
      chunk.map((row) => row.at),
      chunk.map((row) => JSON.stringify(row.doc)),
    ]);
  }
}

const INSERT = `INSERT INTO t (id, name, score, ok, at, doc) ${UNNEST}`;
const UPDATE = `UPDATE t SET name = v.name, score = v.score, ok = v.ok, at = v.at, doc = v.doc
  FROM (${UNNEST} AS u(id, name, score, ok, at, doc)) AS v WHERE t.id = v.id`;

const WAYS = {
  insertMany: { hand: INSERT, run: (client) => insertMany(client, 't', rows), full: false },
  copyInto: { hand: INSERT, run: (client) => copyInto(client, 't', rows), full: false },
  updateMany: { hand: UPDATE, run: (client) => updateMany(client, 't', rows, { key: 'id' }), full: true },
};

/** In a transaction that is rolled back, as a step would do it. */
async function timed(client, full, action) {
  await client.query(`DROP TABLE IF EXISTS t; CREATE TABLE t (${COLUMNS})`);
  if (full) await copyInto(client, 't', rows);
  await client.query('ANALYZE t');
  await client.query('CHECKPOINT');
  await client.query('BEGIN');
  const start = performance.now();
  await action();
  const time = performance.now() - start;
  await client.query('ROLLBACK');
  return time;
}

/** Both in turn; the ratio is the median of the rounds' own ratios. */
async function compare(client, what, { hand, run, full }) {
  const rounds = [];
  for (let round = -1; round < ROUNDS; round++) {
    const theirs = await timed(client, full, () => byHand(client, hand));
    const ours = await timed(client, full, () => run(client));
    if (round >= 0) rounds.push({ ours, theirs });
  }
  const speed = (key) => `${Math.round(ROWS / median(rounds.map((round) => round[key])))},000 rows/s`;
  return {
    what,
    ratio: median(rounds.map(({ ours, theirs }) => ours / theirs)),
    limit: LIMIT,
    detail: `${speed('ours')}, by hand ${speed('theirs')}`,
  };
}

export function bulkRatios() {
  return withServer(async (url) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      const results = [];
      for (const [what, way] of Object.entries(WAYS)) results.push(await compare(client, what, way));
      return results;
    } finally {
      await client.end();
    }
  });
}
