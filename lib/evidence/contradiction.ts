import type { Opened } from '../access/open.js';
import { isConnectionLost } from '../database/connection/failure.js';
import { isRevgraphError } from '../errors/error.js';
import { agree, counted, list } from '../errors/words.js';
import { type Catalogue, knownBy, overlaps } from '../fingerprint/catalogue.js';
import { comparable } from '../fingerprint/comparable.js';
import type { Diagnosis } from '../fingerprint/diagnose.js';
import { pendingWriters } from '../fingerprint/drift/judge.js';
import type { Graph } from '../graph/graph.js';
import type { Plan } from '../plan/plan.js';
import { catalogueFile, whyNoCatalogue } from '../project/catalogue-place.js';
import { readCatalogue, toCatalogue } from './catalogue-file.js';
import { type Examination, examine, examinedDrift } from './examine.js';
import { observe } from './observe.js';

/**
 * Warns before an upgrade whose rows claim what the schema denies: what was skipped below is never run by it. The catalogue
 * is taken as it is; whether it fits is for `doctor` to find out, which reads every revision for that.
 * @param plan what is about to be run
 */
export async function warnOfContradiction(
  opened: Opened,
  { steps }: Pick<Plan, 'steps'> = { steps: [] },
): Promise<void> {
  const { project, rows, emit } = opened;
  const { folder } = project;
  if (folder === undefined) return;
  try {
    if (whyNoCatalogue(folder) !== null) return;
    const catalogue = toCatalogue(await readCatalogue(catalogueFile(folder)));
    if (rows.length === 0) return await warnOfLegacy(opened, catalogue);
    if (!rows.some((row) => project.graph.has(row))) return;
    const found = await examine(opened, { catalogue });
    const planned = new Set(steps.map(({ revision }) => revision));
    for (const message of [...warningsOf(found.diagnosis, planned), ...driftAhead(project.graph, found)])
      emit({ type: 'warning', message });
  } catch (error) {
    if (isConnectionLost(error)) throw error;
    // Where evidence is not to be had, its absence needs no word at every upgrade.
    if (isRevgraphError(error, 'evidence_unavailable')) return;
    const { message } = error as Error;
    emit({ type: 'warning', message: `the version table was not compared with the schema: ${message}` });
  }
}

/**
 * What an upgrade says of a version table that the schema contradicts, and of work that was taken away.
 * @param planned revisions that it runs
 */
export function warningsOf(
  { missing, unsettled: open, undone }: Diagnosis,
  planned: ReadonlySet<string>,
): string[] {
  const named = (ids: readonly string[]): string => ids.slice(0, 3).join(', ') + (ids.length > 3 ? ' …' : '');
  const unsettled = open.filter((id) => !planned.has(id));
  const contradicted = missing.map(({ revision }) => revision).filter((id) => !planned.has(id));
  const gone = undone.map(({ revision }) => revision);
  return [
    ...(contradicted.length + unsettled.length === 0
      ? []
      : [
          `the version table claims ${counted(contradicted.length, 'revision')} that the schema contradicts (${named(contradicted)}). This upgrade does not run ${agree(contradicted.length, 'it', 'them')}. See \`revgraph doctor\``,
        ]),
    ...(gone.length === 0
      ? []
      : [
          `${counted(gone.length, 'revision')} ran here, but the schema has nothing of ${agree(gone.length, 'it', 'them')} any more (${named(gone)}). This upgrade does not run ${agree(gone.length, 'it', 'them')} again. See \`revgraph doctor\``,
        ]),
  ];
}

/** What has drifted, and revisions that are still to run change: they would find something else, or nothing. */
function driftAhead(graph: Graph, examined: Examination): string[] {
  const { catalogue, claimed: applied } = examined;
  return examinedDrift(examined).flatMap(({ object }) => {
    const pending = pendingWriters({ graph, catalogue, applied }, object);
    return pending.length === 0
      ? []
      : [
          `${object} is not what its revision made of it, and ${list(pending)}, still to run, ${pending.length === 1 ? 'changes' : 'change'} it. Mend it first: \`revgraph doctor --sql\` shows how, and \`revgraph repair --drift\` does it`,
        ];
  });
}

/** Nothing is claimed, but objects of these revisions are there: what is run from base will stumble over them. */
async function warnOfLegacy({ session, table, emit }: Opened, catalogue: Catalogue): Promise<void> {
  if (table.exists) return;
  const observed = comparable(catalogue, await observe({ session, table }));
  if (!overlaps(knownBy(catalogue), observed)) return;
  emit({
    type: 'warning',
    message:
      'the database has no version table, but it has objects of these revisions. This upgrade starts from base. See the revision of this database with `revgraph identify`, and stamp it with `revgraph stamp --auto`',
  });
}
