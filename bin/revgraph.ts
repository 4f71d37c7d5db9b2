#!/usr/bin/env node
import * as nodeModule from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { LIBRARY_VERSION } from '../lib/version.js';

/* What has to be settled before anything else is loaded. */

// As in Node 21 and later. Without it, `pg` loads all of `fetch` to find out that this is not Cloudflare: a fifth of a look.
if (!('navigator' in globalThis))
  Object.defineProperty(globalThis, 'navigator', {
    value: Object.freeze({ userAgent: `Node.js/${process.versions.node.split('.')[0]}` }),
    configurable: true,
    writable: true,
  });

/**
 * PostgreSQL's parser, and the embedded database, are WebAssembly. Optimising what runs for a moment costs more than it gives,
 * and the process waits for it at its end: only code that runs long is worth it.
 */
function startQuickly(): void {
  setFlagsFromString('--wasm-lazy-validation');
  setFlagsFromString('--wasm-tiering-budget=100000000');
  // Node 22 and later.
  (nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();
}

if (process.argv.length === 3 && process.argv[2] === '--version')
  process.stdout.write(`${LIBRARY_VERSION}\n`);
else {
  startQuickly();
  // Not awaited: the command line is CommonJS, which is loaded in half of the time.
  void import('./command-line.js').then(({ commandLine }) => commandLine());
}
