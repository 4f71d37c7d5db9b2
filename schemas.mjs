/*
 * Writes the JSON Schemas of the package: that of the configuration, from the table of options, and one of every document that `--json`
 * prints, from the types that the commands are held to (`bin/documents.ts`).
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const FOLDER = 'dist/schemas';
const MARKER = 'dist/.schemas';
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

/** All files of folders. */
export const filesIn = (...folders) =>
  folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath}/${entry.name}`),
  );

/** @returns what tells these files from any others, and whether `marker` says that of what was made last */
export function madeOf(marker, files) {
  const digest = createHash('sha256');
  for (const file of [...files].sort()) digest.update(`${file}\0`).update(readFileSync(file)).update('\0');
  const made = digest.digest('hex');
  return { made, isMade: existsSync(marker) && readFileSync(marker, 'utf8') === made };
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
  // While the types are the same, as the compiler wrote them, so are the schemas.
  const types = filesIn('dist/lib').filter((file) => file.endsWith('.d.ts'));
  const { made, isMade } = madeOf(MARKER, ['schemas.mjs', 'bin/documents.ts', ...types]);
  if (isMade) return;
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
  writeFileSync(MARKER, made);
}

export async function writeSchemas() {
  mkdirSync(FOLDER, { recursive: true });
  await writeConfiguration();
  await writeDocuments();
}
