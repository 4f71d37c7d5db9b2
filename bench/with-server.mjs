import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Hands `use` the URL of a local PostgreSQL server that is gone afterwards. */
export async function withServer(use) {
  const jiti = createRequire(import.meta.url)
    .resolve('jiti/package.json')
    .replace('package.json', 'lib/jiti-cli.mjs');
  const child = spawn(process.execPath, [jiti, fileURLToPath(new URL('server.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [url] = await once(child.stdout, 'data');
    return await use(String(url).trim());
  } finally {
    child.stdin.end();
    await once(child, 'exit');
  }
}
