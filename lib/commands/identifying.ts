import { readFactRows } from '../database/introspect.js';
import type { Queryable } from '../database/session.js';
import { withRollback } from '../database/transaction.js';
import { RevgraphError } from '../errors.js';
import { toSnapshot } from '../fingerprint/fact.js';
import { type Identification, identify, type Nature } from '../fingerprint/identify.js';
import { catalogueFile, readCatalogue, toCatalogue } from './catalogue-file.js';
import { compareCatalogue } from './cataloguing.js';
import type { IdentifyOptions, IdentifyResult } from './identify.js';
import { type Opened, withDatabase } from './open.js';
import type { Project } from './project.js';
import { stateOf } from './state.js';

/** See `identify`. */
export async function identifyDatabase(options: IdentifyOptions): Promise<IdentifyResult> {
  return withDatabase(options, async (opened) => {
    const found = await identifyOpened(opened, options.revisions);
    const state = await stateOf(opened);
    return {
      ...found,
      state,
      claimed: opened.rows,
      release: null,
      candidates: found.candidates.map((candidate) => ({ ...candidate, release: null })),
    };
  });
}

/** The same for a database that is open already. `folder` is where the catalogue stands. */
export async function identifyOpened(
  { project, session, table }: Pick<Opened, 'project' | 'session' | 'table'>,
  folder: string,
): Promise<Identification> {
  const { ok, file, stale } = await compareCatalogue({ revisions: folder });
  if (!ok) throw new RevgraphError('catalogue_stale', { file, stale });
  const catalogue = toCatalogue(await readCatalogue(catalogueFile(folder)));
  const observed = toSnapshot(await readFactRows(session, table.name));
  const blind = identify(project.graph, catalogue, observed, { nature: () => 'matters' });
  // Only what the schema leaves open is worth a question, and a body that has to be read.
  const natures = await naturesOf(project, blind.undetermined);
  const probes = await probe(session, project, blind.undetermined);
  return identify(project.graph, catalogue, observed, {
    nature: (revision) => natures.get(revision) ?? 'matters',
    probes,
  });
}

async function naturesOf({ revisions }: Project, ids: readonly string[]): Promise<Map<string, Nature>> {
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
async function probe(
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
