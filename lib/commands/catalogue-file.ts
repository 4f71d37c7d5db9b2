import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RevgraphError } from '../errors.js';
import type { Catalogue, CatalogueEntry } from '../fingerprint/catalogue.js';

export const CATALOGUE_FILE = 'catalogue.json';

/** An entry as it stands in the file: with what tells whether it is stale. */
export interface RecordedEntry extends CatalogueEntry {
  readonly parents: readonly string[];
  readonly checksum: string;
}

/** The catalogue beside the revisions of a folder. */
export function catalogueFile(revisions: string): string {
  return join(revisions, CATALOGUE_FILE);
}

/** Writes entries in the graph's order, facts sorted, one per line: a diff of it is a diff of the schema. */
export function writeCatalogue(file: string, entries: readonly RecordedEntry[]): void {
  const text = `${JSON.stringify({ format: 1, revisions: entries }, null, 1)}\n`;
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new RevgraphError('file_unwritable', { file, reason: (error as Error).message }, { cause: error });
  }
}

/**
 * @throws `catalogue_missing`; `catalogue_invalid` for a file that is no catalogue
 */
export async function readCatalogue(file: string): Promise<readonly RecordedEntry[]> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new RevgraphError('catalogue_missing', { file }, { cause: error });
  }
  const { z } = await import('zod/v3');
  const strings = z.array(z.string());
  const entry = z.object({
    revision: z.string(),
    parents: strings,
    checksum: z.string(),
    adds: strings,
    removes: strings,
  });
  const schema = z.object({ format: z.literal(1), revisions: z.array(entry) });
  try {
    return schema.parse(JSON.parse(text)).revisions;
  } catch (error) {
    throw new RevgraphError('catalogue_invalid', { file, reason: firstLine(error) }, { cause: error });
  }
}

function firstLine(error: unknown): string {
  const issues = (error as { issues?: { path: PropertyKey[]; message: string }[] }).issues;
  const [first] = issues ?? [];
  return first === undefined
    ? (error as Error).message
    : `${first.path.map(String).join('.')}: ${first.message}`;
}

/** Entries by revision. */
export function toCatalogue(entries: readonly CatalogueEntry[]): Catalogue {
  return new Map(entries.map((entry) => [entry.revision, entry]));
}
