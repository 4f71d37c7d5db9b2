import { subjectOf } from '../../fingerprint/fact.js';
import { besidesOf, lineagesOf } from '../../graph/together.js';
import { catalogueFile } from '../../project/catalogue-place.js';
import type { Project } from '../../project/project.js';
import type { Revision } from '../../revision/revision.js';
import { type RecordedEntry, readCatalogueFile } from '../catalogue-file.js';
import { checksumOf } from '../catalogue-fit.js';
import type { Replayed } from './replayed.js';

/** What two replays found. */
interface Found {
  readonly usual: Replayed;
  readonly other: Replayed;
  /** Objects that are no evidence: of revisions on several lines, and named by the date. */
  readonly contested: ReadonlySet<string>;
  readonly dated: ReadonlySet<string>;
}

/** The entries of a catalogue, in the order of the graph. */
export async function toEntries(
  project: Project,
  { usual, other, contested, dated }: Found,
): Promise<RecordedEntry[]> {
  const isEvidence = (subject: string): boolean => !contested.has(subject) && !dated.has(subject);
  const clear = (facts: readonly string[] = []): string[] =>
    facts.filter((fact) => isEvidence(subjectOf(fact)));
  const sharedBy = (revision: string): string[] => {
    const effects = [usual, other].flatMap(({ steps }) => steps.get(revision) ?? []);
    const subjects = effects.flatMap(({ adds, removes }) => [...adds, ...removes].map(subjectOf));
    return [...new Set(subjects)].filter((subject) => !isEvidence(subject)).sort();
  };
  const entries: RecordedEntry[] = [];
  for (const revision of project.graph.ids) {
    const file = project.revisions.get(revision) as Revision;
    const skipped = file.header.skipsCatalogue;
    const step = usual.steps.get(revision);
    entries.push({
      revision,
      parents: project.graph.parentsOf(revision),
      checksum: await checksumOf(file),
      adds: clear(step?.adds),
      removes: clear(step?.removes),
      shared: sharedBy(revision),
      remakes: clear(step?.remakes),
      unseen: skipped === undefined ? step?.unseen : [`all that it does: ${skipped}`],
      ...(skipped === undefined ? {} : { skipped }),
    });
  }
  return replayedTogether(project.folder as string, entries);
}

/** Each with what it was replayed with. What the file says of that stays, as long as it is true. */
async function replayedTogether(folder: string, entries: readonly RecordedEntry[]): Promise<RecordedEntry[]> {
  const lineages = lineagesOf(entries);
  const before = new Map<string, readonly string[]>();
  const told = await readCatalogueFile(catalogueFile(folder)).catch(() => null);
  // What lacks them, or can't be read, is written anew.
  const old = lineagesOf(told?.entries ?? []);
  for (const { revision, beside = [] } of told?.entries ?? [])
    if (old.get(revision)?.own === lineages.get(revision)?.own) before.set(revision, beside);
  const besides = besidesOf(entries, before);
  return entries.map((entry) => ({
    ...entry,
    beside: besides.get(entry.revision),
  }));
}
