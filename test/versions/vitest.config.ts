import { defineConfig } from 'vitest/config';

/* The same facts from every PostgreSQL: `npm run test:versions` fetches the servers that `npm ci` does not bring. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/versions/*.test.ts'],
    globalSetup: ['test/versions/global-setup.ts'],
    disableConsoleIntercept: true,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    maxWorkers: 2,
  },
});
