import { createHash } from 'node:crypto';
import { RevgraphError } from '../errors/error.js';
import type { Catalogue, CatalogueEntry } from '../fingerprint/catalogue.js';
import { withoutPartitions } from '../fingerprint/partitions.js';
import { lineagesOf, notTogether, parentsFirst } from '../graph/together.js';
import { readWhole, writeWhole } from '../revision/whole-file.js';

const FORMAT = 4;
/** Written by earlier versions; still read. They have one digest for all entries, and the first does not know what no facts show. */
const EARLIER: readonly number[] = [2, 3];

/** An entry as it stands in the file: with what tells whether it is stale. */
export interface RecordedEntry extends CatalogueEntry {
  readonly parents: readonly string[];
  readonly checksum: string;
  /** What it was replayed with, see `graph/together.ts`; an earlier version did not say. `below` is made when it is written. */
  readonly below?: string | undefined;
  readonly beside?: readonly string[] | undefined;
  /** Why it was not replayed; undefined if it was. */
  readonly skipped?: string | undefined;
}

/** What of an entry stands in the file only where there is something. */
const MORE = ['shared', 'remakes', 'unseen', 'skipped', 'beside'] as const;

const moreOf = (entry: RecordedEntry): Partial<RecordedEntry> =>
  Object.fromEntries(MORE.flatMap((key) => (entry[key]?.length ? [[key, entry[key]]] : [])));

const hashOf = (told: unknown): string => createHash('sha256').update(JSON.stringify(told)).digest('hex');

/** What an entry says, in 16 hex digits: one that was edited by hand is not what a replay gave. */
function digestOf(entry: RecordedEntry): string {
  const { revision, parents, checksum, below, adds, removes } = entry;
  return hashOf([revision, parents, checksum, below, adds, removes, moreOf(entry)]).slice(0, 16);
}

/** The same for all entries at once. */
function digestOfAll(entries: readonly RecordedEntry[]): string {
  const told = entries.map((entry) => {
    const { revision, parents, checksum, adds, removes } = entry;
    const more = moreOf(entry);
    return [revision, parents, checksum, adds, removes, ...(Object.keys(more).length > 0 ? [more] : [])];
  });
  return hashOf(told);
}

/** Where an entry stands in the file: places have nothing to do with the order of the revisions. */
const placeOf = ({ revision }: RecordedEntry): string => hashOf(revision);

/** Lines between which entries stand, in every catalogue: `00` to `ff`, and the end. */
const SHELVES = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, '0'));

/**
 * Writes entries, a fact a line: a diff of the file is a diff of the schema. They stand on shelves by a hash of their ids, so two
 * branches that each add a revision write in different places (but for one pair of 256), and git merges them.
 */
export function writeCatalogue(file: string, entries: readonly RecordedEntry[]): void {
  const lineages = lineagesOf(parentsFirst(entries));
  const placed = new Map<string, RecordedEntry[]>();
  const told = entries.map((entry) => ({ ...entry, below: lineages.get(entry.revision)?.below }));
  const sorted = told.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  for (const entry of sorted) {
    const shelf = placeOf(entry).slice(0, 2);
    placed.set(shelf, [...(placed.get(shelf) ?? []), entry]);
  }
  const revisions = SHELVES.flatMap((shelf) => [
    shelf,
    ...(placed.get(shelf) ?? []).map((entry) => {
      const { revision, parents, checksum, below, adds, removes } = entry;
      return { revision, parents, checksum, below, digest: digestOf(entry), adds, removes, ...moreOf(entry) };
    }),
  ]);
  const content = { format: FORMAT, revisions: [...revisions, 'end'] };
  writeWhole(file, `${JSON.stringify(content, null, 1)}\n`);
}

/**
 * The entries, to be relied on.
 * @throws what {@link readCatalogueFile} throws; `catalogue_stale` where they were not replayed together
 */
export async function readCatalogue(file: string): Promise<readonly RecordedEntry[]> {
  const { entries, apart } = await readCatalogueFile(file);
  if (apart.length > 0) throw new RevgraphError('catalogue_stale', { file, stale: apart });
  return entries;
}

/** What stands in a catalogue's file. */
export interface FoundCatalogue {
  readonly entries: readonly RecordedEntry[];
  /** An earlier version of revgraph wrote them, which knew less. */
  readonly earlier: boolean;
  /** Revisions that were not replayed together with others, with the reason. */
  readonly apart: readonly { readonly revision: string; readonly why: string }[];
}

/** @throws `catalogue_missing`; `file_unreadable`; `catalogue_invalid` for a file that is no catalogue */
export async function readCatalogueFile(file: string): Promise<FoundCatalogue> {
  const text = readWhole(file);
  if (text === null) throw new RevgraphError('catalogue_missing', { file });
  const invalid = (reason: string, cause?: unknown): RevgraphError =>
    new RevgraphError('catalogue_invalid', { file, reason }, { cause });
  const schemas = await shapes();
  try {
    const content: unknown = JSON.parse(text);
    const { format } = schemas.any.parse(content);
    if (EARLIER.includes(format)) {
      const { digest, revisions } = schemas.earlier.parse(content);
      if (digest !== digestOfAll(revisions)) throw new Error(BY_HAND);
      return { entries: revisions, earlier: true, apart: [] };
    }
    const { revisions } = schemas.current.parse(content);
    const read = revisions.filter((entry) => typeof entry !== 'string');
    const edited = read.find((entry) => entry.digest !== digestOf(entry));
    if (edited !== undefined) throw new Error(`${BY_HAND}: see ${edited.revision}`);
    if (new Set(read.map(({ revision }) => revision)).size < read.length)
      throw new Error('a revision stands in it twice');
    const entries = parentsFirst(read.map(({ digest: _, ...entry }) => entry));
    if (entries.length < read.length) throw new Error('a revision stands on itself');
    return { entries, earlier: false, apart: notTogether(entries) };
  } catch (error) {
    throw invalid(CONFLICT.test(text) ? 'it has conflicts of a merge' : firstLine(error), error);
  }
}

const BY_HAND = 'it was edited or merged manually';
const CONFLICT = /^(<{7}|={7}|>{7})/m;

/** Zod is loaded where a catalogue is read, and not before. */
async function shapes() {
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
  const current = entry.extend({
    below: z.string(),
    digest: z.string(),
    skipped: z.string().optional(),
    beside: strings.optional(),
  });
  const format = z.literal(FORMAT).or(z.number().refine((n) => EARLIER.includes(n), 'is not known'));
  return {
    any: z.object({ format }),
    earlier: z.object({ digest: z.string(), revisions: z.array(entry) }),
    current: z.object({ revisions: z.array(z.union([z.string(), current])) }),
  };
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
