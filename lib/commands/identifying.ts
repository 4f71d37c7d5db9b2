import { readFactRows } from '../database/introspect.js';
import type { Queryable } from '../database/session.js';
import { withRollback } from '../database/transaction.js';
import type { Catalogue } from '../fingerprint/catalogue.js';
import { type Snapshot, toSnapshot } from '../fingerprint/fact.js';
import { type Identification, identify, type Nature } from '../fingerprint/identify.js';
import { fittingCatalogue } from './catalogue-fit.js';
import type { Opened } from './open.js';
import type { Project } from './project.js';

/** A database that is open, as its facts and its probes show it. */
export async function identifyOpened(
  opened: Pick<Opened, 'project' | 'session' | 'table'>,
): Promise<Identification> {
  const catalogue = await fittingCatalogue(opened.project);
  return identifyFacts(opened, catalogue, await observe(opened));
}

/** All facts of a database. One round trip. */
export async function observe({ session, table }: Pick<Opened, 'session' | 'table'>): Promise<Snapshot> {
  return toSnapshot(await readFactRows(session, table.name));
}

/** The same where the facts are read already. */
export async function identifyFacts(
  { project, session }: Pick<Opened, 'project' | 'session'>,
  catalogue: Catalogue,
  observed: Snapshot,
): Promise<Identification> {
  const blind = identify(project.graph, catalogue, observed, { nature: () => 'matters' });
  // Only what the schema leaves open is worth a question, and a body that has to be read.
  const natures = await naturesOf(project, blind.undetermined);
  const probes = await askProbes(session, project, blind.undetermined);
  return identify(project.graph, catalogue, observed, {
    nature: (revision) => natures.get(revision) ?? 'matters',
    probes,
  });
}

/** Whether revisions may simply run again. */
export async function naturesOf(
  { revisions }: Project,
  ids: readonly string[],
): Promise<Map<string, Nature>> {
  const natures = new Map<string, Nature>();
  for (const id of ids) {
    const revision = revisions.get(id);
    const body = await revision?.body();
    if (body?.upgrade == null) natures.set(id, 'nothing');
    else natures.set(id, revision?.header.idempotent === true ? 'idempotent' : 'matters');
  }
  return natures;
}

/** Asks the probes of revisions that leave no other evidence. One that fails says nothing. */
export async function askProbes(
  client: Queryable,
  { revisions }: Project,
  ids: readonly string[],
): Promise<Map<string, boolean>> {
  const answers = new Map<string, boolean>();
  for (const id of ids) {
    const section = (await revisions.get(id)?.body())?.probe;
    if (section == null) continue;
    const rows = await withRollback(client, () => client.query(section.sql)).then(
      (answer) => answer.rows,
      () => [],
    );
    const value = Object.values(rows[0] ?? {})[0];
    if (typeof value === 'boolean') answers.set(id, value);
  }
  return answers;
}
