import type { Opened } from '../access/open.js';
import { readFactRows } from '../database/catalog/introspect.js';
import { describeServer } from '../database/connection/server.js';
import { RevgraphError } from '../errors/error.js';
import { type Catalogue, HOME } from '../fingerprint/catalogue.js';
import { comparable } from '../fingerprint/comparable.js';
import type { SettledIdentification } from '../fingerprint/drift/settled.js';
import type { Snapshot } from '../fingerprint/fact.js';
import { toSnapshot } from '../fingerprint/fact.js';
import { fittingCatalogue } from './catalogue-fit.js';
import type { ProbeAnswers, ProbedDatabase } from './probes.js';
import { identifyWithProbes, settle } from './settle.js';

/** A database that is open, as its facts and its probes show it. */
export async function identifyOpened(
  opened: Pick<Opened, 'project' | 'session' | 'table'>,
): Promise<SettledIdentification> {
  const catalogue = await fittingCatalogue(opened.project);
  return identifyFacts(opened, catalogue, comparable(catalogue, await observe(opened)));
}

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
): Promise<SettledIdentification> {
  const look = { opened, catalogue, observed, asked };
  return settle(look, await identifyWithProbes(look));
}
