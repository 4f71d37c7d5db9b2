import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { RevgraphError } from '../errors/error.js';
import type { Catalogue, CatalogueEntry } from '../fingerprint/catalogue.js';
import { withoutPartitions } from '../fingerprint/partitions.js';
import { readWhole, writeWhole } from '../revision/whole-file.js';

export const CATALOGUE_FILE = 'catalogue.json';
const FORMAT = 3;
/** Without what no facts show; still read. */
const EARLIER = 2;

/** An entry as it stands in the file: with what tells whether it is stale. */
export interface RecordedEntry extends CatalogueEntry {
  readonly parents: readonly string[];
  readonly checksum: string;
}

/** The catalogue beside the revisions of a folder. */
export function catalogueFile(revisions: string): string {
  return join(revisions, CATALOGUE_FILE);
}

/** What of an entry stands in the file only where there is something. */
const MORE = ['shared', 'remakes', 'unseen'] as const;

const moreOf = (entry: RecordedEntry): Partial<RecordedEntry> =>
  Object.fromEntries(MORE.flatMap((key) => (entry[key]?.length ? [[key, entry[key]]] : [])));

/** What entries say, in 64 hex digits: a file that was merged or edited by hand is not what a replay gave. */
function digestOf(entries: readonly RecordedEntry[]): string {
  const told = entries.map((entry) => {
    const { revision, parents, checksum, adds, removes } = entry;
    const more = moreOf(entry);
    return [revision, parents, checksum, adds, removes, ...(Object.keys(more).length > 0 ? [more] : [])];
  });
  return createHash('sha256').update(JSON.stringify(told)).digest('hex');
}

/** Writes entries in the graph's order, facts sorted, one per line: a diff of it is a diff of the schema. */
export function writeCatalogue(file: string, entries: readonly RecordedEntry[]): void {
  const revisions = entries.map((entry) => {
    const { revision, parents, checksum, adds, removes } = entry;
    return { revision, parents, checksum, adds, removes, ...moreOf(entry) };
  });
  const content = { format: FORMAT, digest: digestOf(entries), revisions };
  writeWhole(file, `${JSON.stringify(content, null, 1)}\n`);
}

/** The entries of {@link readCatalogueFile}. */
export async function readCatalogue(file: string): Promise<readonly RecordedEntry[]> {
  return (await readCatalogueFile(file)).entries;
}

/**
 * @returns the entries, and whether an earlier version of revgraph wrote them, which knew less
 * @throws `catalogue_missing`; `file_unreadable`; `catalogue_invalid` for a file that is no catalogue
 */
export async function readCatalogueFile(
  file: string,
): Promise<{ entries: readonly RecordedEntry[]; earlier: boolean }> {
  const text = readWhole(file);
  if (text === null) throw new RevgraphError('catalogue_missing', { file });
  const { z } = await import('zod/v3');
  const strings = z.array(z.string());
  const entry = z.object({
    revision: z.string(),
    parents: strings,
    checksum: z.string(),
    adds: strings,
    removes: strings,
    shared: strings.optional(),
    remakes: strings.optional(),
    unseen: strings.optional(),
  });
  const format = z.union([z.literal(FORMAT), z.literal(EARLIER)]);
  const schema = z.object({ format, digest: z.string(), revisions: z.array(entry) });
  const invalid = (reason: string, cause?: unknown): RevgraphError =>
    new RevgraphError('catalogue_invalid', { file, reason }, { cause });
  let content: {
    readonly format: number;
    readonly digest: string;
    readonly revisions: readonly RecordedEntry[];
  };
  try {
    content = schema.parse(JSON.parse(text));
  } catch (error) {
    throw invalid(firstLine(error), error);
  }
  const { digest, revisions } = content;
  if (digest !== digestOf(revisions)) throw invalid('it was edited or merged manually');
  return { entries: revisions, earlier: content.format === EARLIER };
}

function firstLine(error: unknown): string {
  const issues = (error as { issues?: { path: PropertyKey[]; message: string }[] }).issues;
  const [first] = issues ?? [];
  return first === undefined
    ? (error as Error).message
    : `${first.path.map(String).join('.') || 'the file'}: ${first.message}`;
}

/** Entries by revision, as evidence: without what is about partitions. */
export function toCatalogue(entries: readonly CatalogueEntry[]): Catalogue {
  return withoutPartitions(new Map(entries.map((entry) => [entry.revision, entry])));
}
