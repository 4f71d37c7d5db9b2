import { defineConfig } from 'vitest/config';

/* The histories alone, which need no server. */
export default defineConfig({
  test: {
    root: new URL('../../..', import.meta.url).pathname,
    include: ['test/chaos/deterministic/*.chaos.ts'],
    disableConsoleIntercept: true,
    testTimeout: 3_600_000,
  },
});
