/*
 * Joins the compiled modules into few files: a good part of the time of a short command went into finding and linking them.
 * Types, and the modules one by one for the benchmarks, stay as the compiler wrote them.
 */
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { rolldown } from 'rolldown';

const ENTRIES = [
  'bin/revgraph',
  'lib/index',
  'lib/subpaths/graph',
  'lib/subpaths/backfill',
  'lib/subpaths/matrix',
  'lib/subpaths/kysely',
  'lib/subpaths/drizzle',
  'lib/testing/index',
  'lib/testing/chaos/replica',
];

/** Many commands look at the schema of a database; the others do without what that takes. */
const LOOKS_AT_SCHEMAS = /\/lib\/(evidence|fingerprint|database\/mend)\//;

rmSync('dist/chunks', { recursive: true, force: true });
const bundle = await rolldown({
  input: Object.fromEntries(ENTRIES.map((entry) => [entry, `${entry}.ts`])),
  platform: 'node',
  // What the package depends on stays where it is installed.
  external: (id) => !/^[./]/.test(id),
  resolve: { extensionAlias: { '.js': ['.ts'] } },
  // A module that one command loads late and another at once is loaded at once by that one only.
  onLog: (level, log, report) => {
    if (log.code !== 'INEFFECTIVE_DYNAMIC_IMPORT') report(level, log);
  },
});
await bundle.write({
  dir: 'dist',
  format: 'esm',
  sourcemap: true,
  // Neither comments nor white space are read at every start; names stay, for stack traces and profiles.
  minify: { compress: false, mangle: false, codegen: true },
  codeSplitting: {
    groups: [
      // Asked for alone it brings nothing else.
      { name: 'version', test: /\/lib\/version\./, priority: 3 },
      // `revgraph/graph` is pure, and stays so: nothing that asks Node for something comes with it. What only a catalogue asks comes with that.
      { name: 'pure', test: /\/lib\/(graph(?!\/together)|plan|errors)\//, priority: 2 },
      {
        name: 'shared',
        test: (id) => !LOOKS_AT_SCHEMAS.test(id),
        minShareCount: 16,
        priority: 2,
      },
      { name: 'evidence', test: LOOKS_AT_SCHEMAS, minShareCount: 16, priority: 1 },
    ],
  },
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
});
await bundle.close();
chmodSync('dist/bin/revgraph.js', 0o755);

/* The schema of the configuration, for editors. */
const { zodToJsonSchema } = await import('zod-to-json-schema');
const { configJsonSchema } = await import('./dist/lib/config/json-schema.js');
const schema = configJsonSchema((one) => {
  const { $schema: _, ...rest } = zodToJsonSchema(one, { $refStrategy: 'none' });
  return rest;
});
mkdirSync('dist/schemas', { recursive: true });
writeFileSync('dist/schemas/config.json', `${JSON.stringify(schema, null, 2)}\n`);
