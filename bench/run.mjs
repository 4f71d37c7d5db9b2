/*
 * Prints ratios, each measured side by side in one run: a lone time says more about the machine than about the code.
 * Uses dist/, so build first. Exit value 1 if a ratio is over its limit.
 */
import { backfillRatios } from './backfill.mjs';
import { bulkRatios } from './bulk.mjs';
import { factRatios } from './facts.mjs';
import { growthRatios } from './growth.mjs';
import { identifyRatios } from './identify.mjs';
import { measurePerformance } from './performance.mjs';
import { proveRatio } from './prove.mjs';
import { startRatio } from './start.mjs';

const results = [];

function report({ what, ratio, limit, detail }) {
  const verdict = ratio <= limit ? 'ok' : 'OVER';
  console.log(`  ${what.padEnd(28)} ${ratio.toFixed(2).padStart(6)} ×   ${verdict.padEnd(4)}   ${detail}`);
  results.push(verdict);
}

console.log(
  'Growth: wall time with 100,000 revisions over that with 10,000, each in a fresh process as a command does it, in\n' +
    'turn, median of the ratios; at most 12 × for 10 × the size.',
);
for (const result of growthRatios()) report(result);

console.log();
console.log(
  'Start: `revgraph heads` over a folder of 10,000 revision files, over a bare Node process that reads the first\n' +
    '2 KB of the same files. Wall time, runs in turn, median of the ratios; at most 3 ×.',
);
report(startRatio());

console.log();
console.log(
  'Facts: reading 14,000 facts of 1,000 tables from a local server over 1,400 of 100, connected anew each time, in turn,\n' +
    'median of the ratios; at most 12 × for 10 × the size. Then the fastest time and the round trips over what is allowed.',
);
for (const result of await factRatios()) report(result);

console.log();
console.log(
  'Identify: 5,000 revisions and 20,000 facts over 500 and 2,000, in one process, in turn, median of the ratios; at most\n' +
    '30 × for 10 × the size, where 100 × is quadratic. Then the slowest median time over what is allowed.',
);
for (const result of identifyRatios()) report(result);

console.log();
console.log(
  'Proof: the 24 revisions of the reference graph on a local server, with the look at the schema at the end over without it,\n' +
    'in turn, median of the ratios; at most 1.15 ×.',
);
report(await proveRatio());

console.log();
console.log(
  'Bulk: 100,000 rows of 6 columns, time over that of a loop written by hand with unnest, on a local server, in turn,\n' +
    'median of the ratios; at most 1.11 ×, which is 0.9 of its rows per second.',
);
for (const result of await bulkRatios()) report(result);

console.log();
console.log(
  'Backfill: fixtures/conversations as it comes, and with 1,000,000 audit records (REVGRAPH_BENCH_ROWS), on a local server:\n' +
    'what is allowed over what was reached, by itself and beside a loop written by hand that knows nothing of a crash; most\n' +
    'memory with all records over that with a tenth. Then fixtures/enrichment-backfill: p99 of somebody who updates 200 rows\n' +
    'a second of its table, during the backfill over before it, median of the ratios; at most 2 ×.',
);
for (const result of await backfillRatios()) report(result);

console.log();
console.log('Beside the floor and beside peers: docs/performance.md is written anew.');
await measurePerformance();

process.exitCode = results.includes('OVER') ? 1 : 0;
