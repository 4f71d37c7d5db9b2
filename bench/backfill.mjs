import { writerRatio } from './beside-backfill.mjs';
import { conversationRatios } from './conversations.mjs';
import { withServer } from './with-server.mjs';

/** REVGRAPH_BENCH_ROWS: how many audit records; default 1,000,000. */
export function backfillRatios() {
  return withServer(async (server) => {
    const results = [];
    for await (const result of conversationRatios(server)) results.push(result);
    return [...results, await writerRatio(server)];
  });
}
