import type { Identification } from '../fingerprint/identify.js';
import { examine, foundState } from './examine.js';
import type { IdentifyOptions, IdentifyResult } from './identify.js';
import { withDatabase } from './open.js';
import type { Releases } from './options.js';
import type { Project } from './project.js';
import { releaseOfRows } from './release-name.js';
import { stateOf } from './state.js';

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
          release: await releaseOfRows(opened.project.graph, releases, candidate.stamp),
        })),
      ),
      claimed: opened.rows,
    };
  });
}

/** The release whose revisions lie between what is surely applied and what may be. */
async function releaseOfIds(
  { graph }: Project,
  releases: Releases,
  { applied, undetermined }: Identification,
): Promise<string | null> {
  const { releaseOf } = await import('./releases.js');
  const least = graph.marksOf(applied);
  return releaseOf(graph, releases, least, graph.marksOf([...applied, ...undetermined]));
}
