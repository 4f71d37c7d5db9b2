import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { isRelative, read, readHouse, resolved } from './architecture/sources.js';

const house = readHouse();

/** Everything that a file loads, packages included. */
function loadedBy(entry: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set([entry]);
  const packages = new Set<string>();
  for (const file of files)
    for (const one of read(house[file] ?? '').imports) {
      if (one.isType) continue;
      if (isRelative(one)) files.add(resolved(file, one.from));
      else packages.add(one.from);
    }
  return { files, packages };
}

test('revgraph/graph runs in a browser: no Node, no driver', () => {
  const { files, packages } = loadedBy('lib/subpaths/graph.ts');
  expect(files.size).toBeGreaterThan(15);
  expect([...packages].filter((name) => isBuiltin(name))).toEqual([]);
  expect([...packages].sort()).toEqual(['@dagrejs/graphlib', 'fastest-levenshtein']);
});

test('and as it is shipped: in few files', () => {
  const files = new Set(['dist/lib/subpaths/graph.js']);
  const packages = new Set<string>();
  // What is shipped has no white space between the words.
  for (const file of files)
    for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(/\b(?:from|import) ?["']([^"']+)["']/g))
      if (from.startsWith('.')) files.add(join(dirname(file), from));
      else packages.add(from);
  expect(files.size).toBeLessThan(4);
  expect([...packages].sort()).toEqual(['@dagrejs/graphlib', 'fastest-levenshtein']);
});

test('only revgraph/opentelemetry loads the packages of OpenTelemetry', () => {
  const files = readdirSync('dist', { recursive: true, encoding: 'utf8' }).filter((file) =>
    /^(bin\/.*|chunks\/.*|lib\/(index|subpaths\/\w+|testing\/index))\.js$/.test(file),
  );
  expect(files.length).toBeGreaterThan(50);
  const load = files.filter((file) => readFileSync(join('dist', file), 'utf8').includes('@opentelemetry/'));
  expect(load).toEqual(['lib/subpaths/opentelemetry.js']);
});

test('every subpath is a file of the library', () => {
  const paths = Object.values(packageJson.exports).flatMap((target) =>
    typeof target === 'string' ? [] : [target.default],
  );
  for (const path of paths)
    expect(
      house[path.replace(/^\.\/dist\/|\.js$/g, (found) => (found === '.js' ? '.ts' : ''))],
    ).toBeDefined();
});
