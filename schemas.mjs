/*
 * Writes the JSON Schemas of the package: that of the configuration, from the table of options, and one of every document that `--json`
 * prints, from the types that the commands are held to (`bin/documents.ts`).
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const FOLDER = 'dist/schemas';
const DRAFT = 'http://json-schema.org/draft-07/schema#';

const write = (name, schema) =>
  writeFileSync(`${FOLDER}/${name}.json`, `${JSON.stringify(schema, null, 2)}\n`);

/** For editors. */
async function writeConfiguration() {
  const { zodToJsonSchema } = await import('zod-to-json-schema');
  const { configJsonSchema } = await import('./dist/lib/config/json-schema.js');
  const schema = configJsonSchema((one) => {
    const { $schema: _, ...rest } = zodToJsonSchema(one, { $refStrategy: 'none' });
    return rest;
  });
  write('config', schema);
}

/** The types as the compiler wrote them: while they are the same, so are the schemas. */
function typesDigest() {
  const digest = createHash('sha256');
  const types = readdirSync('dist/lib', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.d.ts'))
    .map((file) => `dist/lib/${file}`);
  for (const file of ['schemas.mjs', 'bin/documents.ts', ...types.sort()])
    digest.update(file).update(readFileSync(file));
  return digest.digest('hex');
}

/** The definitions that a schema refers to, and those that these refer to. */
function definitionsOf(schema, all, found = {}) {
  for (const [, name] of JSON.stringify(schema).matchAll(/"#\/definitions\/([^"]+)"/g)) {
    const key = decodeURIComponent(name);
    if (key in found) continue;
    found[key] = all[key];
    definitionsOf(all[key], all, found);
  }
  return found;
}

async function writeDocuments() {
  const digest = typesDigest();
  const made = 'dist/.schemas';
  if (existsSync(made) && readFileSync(made, 'utf8') === digest) return;
  const { createGenerator } = await import('ts-json-schema-generator');
  const { properties, definitions } = createGenerator({
    path: 'bin/documents.ts',
    tsconfig: 'tsconfig.json',
    type: 'Documents',
    skipTypeCheck: true,
    // Later versions may have more.
    additionalProperties: true,
    topRef: false,
    jsDoc: 'basic',
  }).createSchema('Documents');
  for (const [name, schema] of Object.entries(properties))
    write(name, {
      $schema: DRAFT,
      title: name === 'error' ? 'revgraph: an error' : `revgraph ${name.replace('-', ' ')} --json`,
      ...schema,
      definitions: definitionsOf(schema, definitions),
    });
  writeFileSync(made, digest);
}

mkdirSync(FOLDER, { recursive: true });
await writeConfiguration();
await writeDocuments();
