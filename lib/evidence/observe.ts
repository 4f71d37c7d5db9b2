import type { Opened } from '../access/open.js';
import { readFactRows } from '../database/catalog/introspect.js';
import { describeServer } from '../database/connection/server.js';
import { RevgraphError } from '../errors/error.js';
import type { Catalogue } from '../fingerprint/catalogue.js';
import { comparable } from '../fingerprint/comparable.js';
import type { Snapshot } from '../fingerprint/fact.js';
import { toSnapshot } from '../fingerprint/fact.js';
import type { Identification } from '../fingerprint/identify.js';
import { identify } from '../fingerprint/identify.js';
import { fittingCatalogue } from './catalogue-fit.js';
import type { ProbeAnswers, ProbedDatabase } from './probes.js';
import { askProbes, naturesOf } from './probes.js';
/** A database that is open, as its facts and its probes show it. */
export async function identifyOpened(
  opened: Pick<Opened, 'project' | 'session' | 'table'>,
): Promise<Identification> {
  const catalogue = await fittingCatalogue(opened.project);
  return identifyFacts(opened, catalogue, comparable(catalogue, await observe(opened)));
}

/** The schema that a catalogue is about. */
const HOME = 'public';

/**
 * All facts of a database.
 * @throws `usage` if the revisions run in another schema than the catalogue describes: every object would seem to be missing,
 * or, worse, an object of another application in `public` would be taken for it
 */
export async function observe({ session, table }: Pick<Opened, 'session' | 'table'>): Promise<Snapshot> {
  const { schema } = await describeServer(session, table.schema ?? undefined);
  if (schema !== HOME)
    throw new RevgraphError('evidence_unavailable', { reason: 'other_schema', schema, described: HOME });
  return toSnapshot(await readFactRows(session, table.name));
}

/** The same where the facts are read already. */
export async function identifyFacts(
  opened: ProbedDatabase,
  catalogue: Catalogue,
  observed: Snapshot,
  asked: ProbeAnswers = new Map(),
): Promise<Identification> {
  const { project } = opened;
  const blind = identify(project.graph, catalogue, observed, { nature: () => 'matters' });
  if (blind.undetermined.length === 0) return blind;
  // Only what the schema leaves open is worth a question, and a body that has to be read.
  const natures = await naturesOf(project, blind.undetermined);
  const probes = await askProbes(opened, blind.undetermined, asked);
  return identify(project.graph, catalogue, observed, {
    nature: (revision) => natures.get(revision) ?? 'matters',
    probes,
  });
}
