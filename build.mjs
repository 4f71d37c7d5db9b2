/*
 * Joins the compiled modules into few files: a good part of the time of a short command went into finding and linking them.
 * Types, and the modules of the library one by one for the benchmarks, stay as the compiler wrote them.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { filesIn, madeOf, writeSchemas } from './schemas.mjs';

/* An install, every run of the tests and the package ask for it: what was made of these very sources is made once. */
const MADE = 'dist/.made';
const { made, isMade } = madeOf(MADE, [
  ...filesIn('bin', 'lib'),
  ...['build.mjs', 'schemas.mjs', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'],
]);
if (isMade) process.exit(0);
const { rolldown } = await import('rolldown');
rmSync(MADE, { force: true });
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});

/** Many commands look at the schema of a database; the others do without what that takes. */
const LOOKS_AT_SCHEMAS = /\/lib\/(evidence|fingerprint|database\/mend)\//;

/** Asked for alone it brings nothing else. */
const VERSION = { name: 'version', test: /\/lib\/version\./, priority: 9 };

/**
 * @param input name → entry
 * @param brings whether a package becomes a part of the files; the others stay where they are installed
 */
async function join(input, output, groups, brings = () => false) {
  const bundle = await rolldown({
    input,
    platform: 'node',
    external: (id) => !/^[./]/.test(id) && !brings(id),
    resolve: { extensionAlias: { '.js': ['.ts'] } },
    // A module that one command loads late and another at once is loaded at once by that one only.
    onLog: (level, log, report) => {
      if (log.code !== 'INEFFECTIVE_DYNAMIC_IMPORT') report(level, log);
    },
  });
  await bundle.write({
    sourcemap: true,
    // Neither comments nor white space are read at every start; names stay, for stack traces and profiles.
    minify: { compress: false, mangle: false, codegen: true },
    codeSplitting: { groups },
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    ...output,
  });
  await bundle.close();
}

/* The library: what a service, a test or a revision of code imports. */
const ENTRIES = [
  'index',
  'subpaths/graph',
  'subpaths/backfill',
  'subpaths/matrix',
  'subpaths/kysely',
  'subpaths/drizzle',
  'subpaths/opentelemetry',
  'testing/index',
  'testing/chaos/replica',
];
rmSync('dist/chunks', { recursive: true, force: true });
await join(
  Object.fromEntries(ENTRIES.map((entry) => [`lib/${entry}`, `lib/${entry}.ts`])),
  { dir: 'dist', format: 'esm' },
  [
    VERSION,
    // `revgraph/graph` is pure, and stays so: nothing that asks Node for something comes with it. What only a catalogue asks comes with that.
    { name: 'pure', test: /\/lib\/(graph(?!\/together)|plan|errors)\//, priority: 2 },
    { name: 'shared', test: (id) => !LOOKS_AT_SCHEMAS.test(id), minShareCount: 10, priority: 2 },
    { name: 'evidence', test: LOOKS_AT_SCHEMAS, minShareCount: 10, priority: 1 },
  ],
);

/*
 * The command line: CommonJS, and with what nearly every command loads of other packages, which takes half of the time that
 * finding and linking modules takes. It stays apart from the library, which shares its packages with the service that imports it.
 */
const DRIVER = [
  ...['pg', 'pg-connection-string', 'pg-int8', 'pg-pool', 'pg-protocol', 'pg-types', 'pgpass', 'split2', 'xtend'],
  ...['array', 'bytea', 'date', 'interval'].map((type) => `postgres-${type}`),
];
const BROUGHT = new Set([...DRIVER, 'yargs-parser', 'fastest-levenshtein', '@dagrejs/graphlib']);
const packageOf = (id) => /^(?:@[^/]+\/)?[^/]+/.exec(id)?.[0];
rmSync('dist/bin', { recursive: true, force: true });
await join(
  { revgraph: 'bin/revgraph.ts' },
  { dir: 'dist/bin', format: 'cjs' },
  [
    VERSION,
    { name: 'driver', test: new RegExp(`/node_modules/(${DRIVER.join('|')})/`), priority: 3 },
    // Lists of a graph load nothing of what looks at a database, and what looks at one nothing of what runs.
    { name: 'graph', test: /\/lib\/(graph|plan|options|errors|config|project)\//, minShareCount: 8, priority: 3 },
    { name: 'access', test: /\/lib\/(access|database)\//, minShareCount: 8, priority: 1.5 },
    { name: 'shared', test: (id) => !LOOKS_AT_SCHEMAS.test(id), minShareCount: 24, priority: 2 },
    { name: 'run', test: (id) => !LOOKS_AT_SCHEMAS.test(id), minShareCount: 8, priority: 1 },
    { name: 'evidence', test: LOOKS_AT_SCHEMAS, minShareCount: 16, priority: 1 },
  ],
  (id) => BROUGHT.has(packageOf(id)),
);
writeFileSync('dist/bin/package.json', '{ "type": "commonjs" }\n');
chmodSync('dist/bin/revgraph.js', 0o755);

await writeSchemas();
writeFileSync(MADE, made);
