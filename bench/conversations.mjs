/* fixtures/conversations, small as it comes and with many audit records, beside a loop written by hand. */
import { fileURLToPath } from 'node:url';
import { asked, copyOf, withDatabase } from './databases.mjs';
import { measured, revgraph } from './measured.mjs';

const MANY = Number(process.env.REVGRAPH_BENCH_ROWS ?? 1_000_000);
const FEW = MANY / 10;
const PER_LEAD = 100;
const LIMIT_SPEED = 20_000;
/** Of the rows per second of the loop written by hand. */
const LIMIT_BY_HAND = 0.7;
const LIMIT_MEMORY = 1.2;
/** A hundredth of what it took by hand in the place that the fixture is modelled on. */
const LIMIT_SMALL_MS = 200;

const FOLDER = fileURLToPath(new URL('../fixtures/conversations', import.meta.url));
const BY_HAND = fileURLToPath(new URL('conversations-by-hand.mjs', import.meta.url));

/** The shapes of the fixture; leads take turns, as they do in a log. */
const fill = (rows) => `
  TRUNCATE audit_logs, leads CASCADE;
  INSERT INTO leads SELECT n, 'lead ' || n FROM generate_series(1, ${rows / PER_LEAD}) AS n;
  INSERT INTO audit_logs (lead_id, action, actor, payload, created_at)
  SELECT 1 + n % ${rows / PER_LEAD}, 'message', (ARRAY['agent', 'customer', 'assistant', 'user'])[1 + n % 4],
         CASE n % 5
           WHEN 0 THEN jsonb_build_object('text', 'The apartment viewing number ' || n || ' is confirmed')
           WHEN 1 THEN jsonb_build_object('message', 'Is the price of house ' || n || ' negotiable?')
           WHEN 2 THEN jsonb_build_object('content', 'Please send the contract ' || n)
           WHEN 3 THEN jsonb_build_object('body', 'Thank you for visiting, number ' || n)
           ELSE jsonb_build_object('event', 'photo', 'number', n) END,
         timestamptz '2025-06-01 08:00:00+00' + n * interval '1 second'
  FROM generate_series(1, ${rows}) AS n;
  VACUUM ANALYZE audit_logs, leads;`;

async function assertMessages(url, rows) {
  const [{ n }] = await asked(url, 'SELECT count(*)::int AS n FROM messages');
  if (n !== rows) throw new Error(`${n} messages of ${rows} records`);
}

/** What `upgrade` came to: rows per second as the ledger has them, most memory in MB. */
async function ours(url, rows) {
  const { peak, ms: wall } = await revgraph(FOLDER, url, ['upgrade']);
  await assertMessages(url, rows);
  const [{ ms }] = await asked(
    url,
    "SELECT (statistics #>> '{backfills,0,ms}')::float AS ms FROM revgraph_ledger WHERE revision = 'conversations'",
  );
  return { peak, ms, wall, speed: (rows / ms) * 1000 };
}

async function byHand(url, rows) {
  const { printed, peak } = await measured([BY_HAND, url]);
  await assertMessages(url, rows);
  return { peak, speed: (rows / Number(printed)) * 1000 };
}

/** All begin with the same tables; by hand before and after, for whatever else the machine has to do. */
function compare(server, rows) {
  return withDatabase(server, async (begin) => {
    await revgraph(FOLDER, begin, ['upgrade', 'audit']);
    for (const sql of fill(rows).split(';')) await asked(begin, sql);
    const compared = {};
    for (const [key, run] of Object.entries({ before: byHand, ours, after: byHand }))
      if (key === 'ours' || rows === MANY)
        compared[key] = await copyOf(server, begin, (url) => run(url, rows));
    return compared;
  });
}

const thousands = (n) => Math.round(n).toLocaleString('en-US');

export async function* conversationRatios(server) {
  const small = await withDatabase(server, async (url) => {
    await revgraph(FOLDER, url, ['upgrade', 'audit']);
    return ours(url, 216);
  });
  yield {
    what: 'time for 216',
    ratio: small.ms / LIMIT_SMALL_MS,
    limit: 1,
    detail: `${small.ms.toFixed(0)} ms of ${LIMIT_SMALL_MS} ms; the command ${small.wall.toFixed(0)} ms`,
  };
  const few = await compare(server, FEW);
  const many = await compare(server, MANY);
  const speed = many.ours.speed;
  const theirs = (many.before.speed + many.after.speed) / 2;
  yield {
    what: 'rows per second',
    ratio: LIMIT_SPEED / speed,
    limit: 1,
    detail: `${thousands(speed)} rows/s of at least ${thousands(LIMIT_SPEED)}, with ${thousands(MANY)}`,
  };
  yield {
    what: 'by hand',
    ratio: (theirs * LIMIT_BY_HAND) / speed,
    limit: 1,
    detail: `${thousands(speed)} rows/s, at least ${LIMIT_BY_HAND} of ${thousands(theirs)} by hand`,
  };
  yield {
    what: 'memory',
    ratio: many.ours.peak / few.ours.peak,
    limit: LIMIT_MEMORY,
    detail: `${many.ours.peak.toFixed(0)} MB over ${few.ours.peak.toFixed(0)} MB with ${thousands(FEW)} rows; by hand ${many.before.peak.toFixed(0)} MB`,
  };
}
