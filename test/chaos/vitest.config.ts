import { defineConfig } from 'vitest/config';

/* `npm run test:chaos`: processes that are killed, stopped and cut off, hundreds of times. It takes a quarter of an hour. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/chaos/**/*.chaos.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    disableConsoleIntercept: true,
    testTimeout: 3_600_000,
    hookTimeout: 180_000,
    maxWorkers: 1,
  },
});
