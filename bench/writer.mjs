/*
 * A product that goes on writing: `node bench/writer.mjs URL`, 200 updates a second of random rows, until its input ends.
 * A write that is due is sent whether or not those before it were answered. Prints JSON: for each write when it was sent
 * (ms since 1970) and its latency in ms.
 */
import { text } from 'node:stream/consumers';
import pg from 'pg';

const PER_SECOND = 200;

const pool = new pg.Pool({ connectionString: process.argv[2] });
const { rows: facts } = await pool.query('SELECT id FROM user_fact_relationships ORDER BY id');

const writes = [];
const running = new Set();

function write() {
  const { id } = facts[Math.floor(Math.random() * facts.length)];
  const sent = performance.now();
  const answer = pool
    .query({
      name: 'write',
      text: 'UPDATE user_fact_relationships SET updated_at = now() WHERE id = $1',
      values: [id],
    })
    .then(() => {
      writes.push([performance.timeOrigin + sent, performance.now() - sent]);
      running.delete(answer);
    });
  running.add(answer);
}

const start = performance.now();
let n = 0;
const timer = setInterval(() => {
  for (; n < ((performance.now() - start) / 1000) * PER_SECOND; n++) write();
}, 1);
await text(process.stdin);
clearInterval(timer);
await Promise.all(running);
await pool.end();
console.log(JSON.stringify(writes));
