import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Needs servers that don't come with `npm ci`: `npm run test:versions`.
    exclude: [...configDefaults.exclude, 'test/versions/**'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
    // Modules are loaded once for a worker, not for each of 190 files; what one file leaves, it takes away itself.
    isolate: false,
  },
});
