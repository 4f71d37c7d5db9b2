/* Starts a PostgreSQL server and says its URL; ends when its input ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../test/support/server.js';

const folder = mkdtempSync(join(tmpdir(), 'revgraph-bench-'));
const server = await startServer(folder);
process.stdout.write(`${server.url}\n`);
process.stdin.resume();
process.stdin.on('end', async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});
