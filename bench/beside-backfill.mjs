/* fixtures/enrichment-backfill with many facts: what its backfill costs somebody who writes to the same table. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { asked, copyOf, withDatabase } from './databases.mjs';
import { revgraph } from './measured.mjs';
import { median } from './median.mjs';

const USERS = 100;
/** So many that the backfill is at work for some seconds. */
const FACTS = Math.min(Number(process.env.REVGRAPH_BENCH_ROWS ?? 1_000_000), 60_000);
const ROUNDS = 5;
const ALONE_MS = 5000;
const WARM_UP_MS = 1000;
const LIMIT = 2;

const FOLDER = fileURLToPath(new URL('../fixtures/enrichment-backfill', import.meta.url));
const WRITER = fileURLToPath(new URL('writer.mjs', import.meta.url));

const FILL = `
  TRUNCATE user_fact_relationships;
  INSERT INTO user_fact_relationships (user_id, fact, context_metadata, created_at, updated_at)
  SELECT 'user-' || 1 + n % ${USERS}, 'fact ' || n, jsonb_build_object('channel', 'dm', 'confidence', n), made, made
  FROM generate_series(1, ${FACTS}) AS n, LATERAL (SELECT timestamp '2025-02-01' + n * interval '1 minute') AS t(made);
  VACUUM ANALYZE user_fact_relationships`;

/** Writes before the backfill, and those that were sent while it was at work. */
async function round(url) {
  const writer = spawn(process.execPath, [WRITER, url], { stdio: ['pipe', 'pipe', 'inherit'] });
  const printed = text(writer.stdout);
  await sleep(WARM_UP_MS);
  const begin = Date.now();
  await sleep(ALONE_MS);
  const end = Date.now();
  // What its server does for it counts; that the command itself competes for the same two processors does not.
  await revgraph(FOLDER, url, ['upgrade'], { aside: true });
  writer.stdin.end();
  const writes = JSON.parse(await printed);
  const [{ began, ended, changed }] = await asked(
    url,
    `SELECT extract(epoch FROM started_at)::float * 1000 AS began, extract(epoch FROM finished_at)::float * 1000 AS ended,
       changed::int FROM revgraph_backfill`,
  );
  if (changed < FACTS * 0.9) throw new Error(`${changed} facts changed of ${FACTS}`);
  const between = (from, to) => writes.filter(([sent]) => sent >= from && sent < to).map(([, ms]) => ms);
  return { alone: between(begin, end), during: between(began, ended) };
}

const p99 = (values) => [...values].sort((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1];

export function writerRatio(server) {
  return withDatabase(server, async (begin) => {
    await revgraph(FOLDER, begin, ['upgrade', 'facts']);
    for (const sql of FILL.split(';')) await asked(begin, sql);
    const rounds = [];
    for (let n = 0; n < ROUNDS; n++) rounds.push(await copyOf(server, begin, round));
    const middle = (key) => median(rounds.map((one) => p99(one[key]))).toFixed(2);
    const writes = (key) => rounds.reduce((sum, one) => sum + one[key].length, 0);
    return {
      what: 'writer',
      ratio: median(rounds.map(({ alone, during }) => p99(during) / p99(alone))),
      limit: LIMIT,
      detail: `p99 ${middle('during')} ms over ${middle('alone')} ms; ${writes('during')} and ${writes('alone')} writes`,
    };
  });
}
