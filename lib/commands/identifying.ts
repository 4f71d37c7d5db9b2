import { isConnectionLost, readDriverError } from '../database/failure.js';
import { readFactRows } from '../database/introspect.js';
import { describeServer } from '../database/server.js';
import { ask } from '../database/transaction.js';
import { RevgraphError } from '../errors.js';
import type { Catalogue } from '../fingerprint/catalogue.js';
import { type Snapshot, toSnapshot } from '../fingerprint/fact.js';
import { type Identification, identify, type Nature } from '../fingerprint/identify.js';
import type { RevisionBody } from '../revision/revision.js';
import { splitStatements } from '../revision/statements.js';
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

type Asking = Pick<Opened, 'project' | 'session'> & Partial<Pick<Opened, 'emit'>>;

/** The schema that a catalogue is about. */
const HOME = 'public';

/**
 * All facts of a database.
 * @throws `usage` where revisions run in another schema than the catalogue tells of: every object would seem to be missing,
 * or, worse, be that of somebody else in `public`
 */
export async function observe({ session, table }: Pick<Opened, 'session' | 'table'>): Promise<Snapshot> {
  const { schema } = await describeServer(session, table.schema ?? undefined);
  if (schema !== HOME)
    throw new RevgraphError('usage', {
      message: `The catalogue tells of the schema ${HOME}, and these revisions run in ${schema}: nothing can be held against it.`,
      hint: 'Without evidence, name the revision: `revgraph stamp REVISION --reason "…"`.',
    });
  return toSnapshot(await readFactRows(session, table.name));
}

/** The same where the facts are read already. */
export async function identifyFacts(
  opened: Asking,
  catalogue: Catalogue,
  observed: Snapshot,
  asked: Asked = new Map(),
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
    else
      natures.set(id, revision?.header.idempotent || (await onlyComments(body)) ? 'idempotent' : 'matters');
  }
  return natures;
}

/** Revisions that may have run without finding what they take away: those that say IF EXISTS, and code. */
export async function passingOf({ revisions }: Project, ids: readonly string[]): Promise<Set<string>> {
  const passing = new Set<string>();
  for (const id of ids) {
    const upgrade = (await revisions.get(id)?.body())?.upgrade;
    if (upgrade == null) continue;
    if (typeof upgrade === 'function' || /\bIF\s+EXISTS\b/i.test(upgrade.sql)) passing.add(id);
  }
  return passing;
}

const COMMENT = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*COMMENT\s+ON\s/i;

/** COMMENT ON sets what is there already: it may always run again. */
async function onlyComments({ upgrade }: RevisionBody): Promise<boolean> {
  if (upgrade === null || typeof upgrade === 'function') return false;
  const statements = await splitStatements(upgrade.sql, { file: '', line: upgrade.line });
  return statements.every(({ sql }) => COMMENT.test(sql));
}

/** What probes said, by revision; null for one that says nothing. */
export type Asked = Map<string, boolean | null>;

/**
 * Asks the probes of revisions that leave no other evidence. One that gives no boolean says nothing, and is told of.
 * @param asked answers that are there already, and where the new ones go: no probe is asked twice
 */
export async function askProbes(
  opened: Asking,
  ids: readonly string[],
  asked: Asked,
): Promise<Map<string, boolean>> {
  const answers = new Map<string, boolean>();
  for (const id of ids) {
    const section = (await opened.project.revisions.get(id)?.body())?.probe;
    if (section == null) continue;
    if (!asked.has(id)) asked.set(id, await askProbe(opened, id, section.sql));
    const said = asked.get(id) ?? null;
    if (said !== null) answers.set(id, said);
  }
  return answers;
}

async function askProbe({ session, emit }: Asking, id: string, sql: string): Promise<boolean | null> {
  const tell = (why: string): null => {
    emit?.({ type: 'warning', message: `the @probe of ${id} says nothing: ${why}` });
    return null;
  };
  try {
    const [row] = await ask(session, sql);
    const said = Object.values(row ?? {})[0];
    return typeof said === 'boolean' ? said : tell(`it gave ${JSON.stringify(said) ?? 'no row'}, no boolean`);
  } catch (error) {
    if (isConnectionLost(error)) throw error;
    return tell(readDriverError(error).message);
  }
}
