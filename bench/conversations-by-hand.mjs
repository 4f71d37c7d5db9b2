/*
 * The loop that one would write by hand for fixtures/conversations: `node bench/conversations-by-hand.mjs URL`. Batches of
 * 5,000 in the order of the key, a transaction each, arrays and `unnest`. It knows nothing of a crash, of records that are
 * broken or there already, or of leads that are missing. Prints its milliseconds.
 */
import pg from 'pg';

const BATCH = 5000;
const LONGEST = 1000;
const ROLES = new Map([
  ['customer', 'user'],
  ['user', 'user'],
  ['agent', 'assistant'],
  ['assistant', 'assistant'],
]);

const READ = `SELECT lead_id, id, actor, payload, created_at FROM audit_logs
  WHERE action = 'message' AND lead_id IS NOT NULL AND (lead_id, id) > ($1::int, $2::bigint)
  ORDER BY lead_id, id LIMIT ${BATCH}`;
const CONVERSATIONS = `INSERT INTO conversations (lead_id, metadata, created_at)
  SELECT * FROM unnest($1::int[], $2::jsonb[], $3::timestamptz[]) ON CONFLICT DO NOTHING`;
const IDS = 'SELECT lead_id, id FROM conversations WHERE lead_id = ANY($1)';
const MESSAGES = `INSERT INTO messages (conversation_id, role, content, metadata, created_at)
  SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::jsonb[], $5::timestamptz[])`;

function contentOf(payload) {
  const { text, message, content, body } = payload;
  const found = [text, message, content, body].find((one) => typeof one === 'string' && one !== '');
  return found ?? JSON.stringify(payload).slice(0, LONGEST);
}

async function write(client, rows) {
  const firsts = new Map();
  for (const row of rows) if (!firsts.has(row.lead_id)) firsts.set(row.lead_id, row.created_at);
  const leads = [...firsts.keys()];
  const mark = JSON.stringify({ backfill: 'conversations' });
  await client.query(CONVERSATIONS, [leads, leads.map(() => mark), [...firsts.values()]]);
  const { rows: made } = await client.query(IDS, [leads]);
  const ids = new Map(made.map(({ lead_id, id }) => [lead_id, id]));
  await client.query(MESSAGES, [
    rows.map((row) => ids.get(row.lead_id)),
    rows.map((row) => ROLES.get(row.actor)),
    rows.map((row) => contentOf(row.payload)),
    rows.map((row) => JSON.stringify({ auditId: row.id, backfill: 'conversations' })),
    rows.map((row) => row.created_at),
  ]);
}

const client = new pg.Client({ connectionString: process.argv[2] });
await client.connect();
const start = performance.now();
for (let after = [0, 0]; ; ) {
  await client.query('BEGIN');
  const { rows } = await client.query(READ, after);
  if (rows.length > 0) await write(client, rows);
  await client.query('COMMIT');
  if (rows.length < BATCH) break;
  after = [rows.at(-1).lead_id, rows.at(-1).id];
}
console.log(performance.now() - start);
await client.end();
