/*
 * Prints ratios, each measured side by side in one run: a lone time says more about the machine than about the code.
 * Uses dist/, so build first. Exit value 1 if a ratio is over its limit.
 */
import { growthRatios } from './growth.mjs';
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

process.exitCode = results.includes('OVER') ? 1 : 0;
