import { withDatabase } from '../access/open.js';
import { stateOf } from '../access/state.js';
import type { DatabaseOptions } from '../config/options.js';
import type { ObjectDifference } from '../fingerprint/differences.js';
import type { SettledIdentification } from '../fingerprint/drift/settled.js';
import type { Candidate, Identification } from '../fingerprint/identify.js';
import type { Project } from '../project/project.js';
import type { Releases } from '../project/releases.js';
import { releaseOfRows } from '../project/targets.js';
import { mendsOf } from './drift/mends.js';
import type { FoundState } from './examine.js';
import { type Examination, examine, foundState } from './examine.js';

/** See `identify`. */
export async function identifyDatabase(options: IdentifyOptions): Promise<IdentifyResult> {
  return withDatabase(options, async (opened) => {
    const examined = await examine(opened);
    const found = examined.identification;
    const state = foundState(await stateOf(opened), examined);
    const releases = options.releases ?? {};
    const { candidates, ...rest } = found;
    return {
      state,
      ...rest,
      release: found.stamp.length === 0 ? null : await releaseOfIds(opened.project, releases, found),
      candidates: await Promise.all(
        candidates.map(async (candidate) => ({
          ...candidate,
          differences: needed(examined, candidate.differences),
          release: await releaseOfRows(opened.project.graph, releases, candidate.stamp),
        })),
      ),
      claimed: opened.rows,
    };
  });
}

/** With what each object would need to be as its revision made it. */
function needed(
  { catalogue, observed }: Examination,
  differences: readonly ObjectDifference[],
): NeededDifference[] {
  const mends = new Map(mendsOf(catalogue, differences, observed).map((mend) => [mend.object, mend]));
  return differences.map((one) => {
    const { sql = [], note = null } = mends.get(one.object) ?? {};
    return { ...one, needs: sql, note };
  });
}

/** The release whose revisions lie between what is surely applied and what may be. */
async function releaseOfIds(
  { graph }: Project,
  releases: Releases,
  { applied, undetermined }: Identification,
): Promise<string | null> {
  const { releaseOf } = await import('../project/releases.js');
  const least = graph.marksOf(applied);
  return releaseOf(graph, releases, least, graph.marksOf([...applied, ...undetermined]));
}

/** An object that differs, and what it would need. */
export interface NeededDifference extends ObjectDifference {
  /** Statements; empty where facts don't tell enough, or where rows would be lost. */
  readonly needs: readonly string[];
  /** Why there are none, or what to think of; null where there is nothing to say. */
  readonly note: string | null;
}

/** `revisions` must be a folder with a catalogue, or loaded from one. */
export type IdentifyOptions = DatabaseOptions;

/** What the evidence shows of a database, and the rows of its version table. */
export interface IdentifyResult extends SettledIdentification {
  readonly state: FoundState;
  /** Rows of the version table. */
  readonly claimed: readonly string[];
  readonly release: string | null;
  readonly candidates: readonly (Candidate & {
    readonly release: string | null;
    readonly differences: readonly NeededDifference[];
  })[];
}
