import { pathToFileURL } from 'node:url';

/** What Node says of TypeScript that it can read in principle, but not this file: enums, `./x.js` for `./x.ts`, … */
const NOT_FOR_NODE: ReadonlySet<unknown> = new Set([
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_INVALID_TYPESCRIPT_SYNTAX',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
  'ERR_UNSUPPORTED_DIR_IMPORT',
  'ERR_MODULE_NOT_FOUND',
]);

/**
 * Imports a revision's code: by Node where it can, else (TypeScript, on Node before 22.18) by jiti, which writes
 * nothing to the disk and resolves packages from the place of the file.
 *
 * @throws whatever the code throws, or the reason why there is none
 */
export async function importCode(path: string): Promise<Record<string, unknown>> {
  if (!/\.ts$/i.test(path)) return byNode(path);
  if (!stripsTypes()) return byJiti(path);
  try {
    return await byNode(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && NOT_FOR_NODE.has(error.code)) return byJiti(path);
    throw error;
  }
}

async function byNode(path: string): Promise<Record<string, unknown>> {
  return import(/* @vite-ignore */ pathToFileURL(path).href);
}

async function byJiti(path: string): Promise<Record<string, unknown>> {
  const { createJiti } = await import('jiti');
  const jiti = createJiti(path, { fsCache: false, interopDefault: false });
  return jiti.import<Record<string, unknown>>(path);
}

function stripsTypes(): boolean {
  const features: object = process.features;
  return 'typescript' in features && Boolean(features.typescript);
}
