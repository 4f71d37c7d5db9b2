import { configDefaults, defineConfig } from 'vitest/config';
import { SlowestFirst } from './test/support/slowest-first.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Needs servers that don't come with `npm ci`: `npm run test:versions`.
    exclude: [...configDefaults.exclude, 'test/versions/**'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
    sequence: { sequencer: SlowestFirst },
    // Modules are loaded once for a worker, not for each of 190 files; what one file leaves, it takes away itself.
    isolate: false,
  },
});
