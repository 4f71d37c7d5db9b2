import type { Opened } from '../access/open.js';
import { isConnectionLost, readDriverError } from '../database/connection/failure.js';
import { ask } from '../database/connection/transaction.js';
import type { Nature } from '../fingerprint/identify.js';
import type { Project } from '../project/project.js';
import type { RevisionBody } from '../revision/revision.js';
import { runAgain } from '../sql/again.js';

export type ProbedDatabase = Pick<Opened, 'project' | 'session'> & Partial<Pick<Opened, 'emit'>>;

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
    else natures.set(id, revision?.header.idempotent || (await isHarmless(body)) ? 'idempotent' : 'matters');
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

/** Rights, comments and the like set what is set already: they may always be set again. */
async function isHarmless({ upgrade }: RevisionBody): Promise<boolean> {
  if (upgrade === null || typeof upgrade === 'function') return false;
  return (await runAgain(upgrade.sql)) === 'harmless';
}

/** What probes said, by revision; null for one that says nothing. */
export type ProbeAnswers = Map<string, boolean | null>;

/**
 * Asks the probes of revisions that leave no other evidence. One that gives no boolean says nothing, and is told of.
 * @param asked answers that are there already, and where the new ones go: no probe is asked twice
 */
export async function askProbes(
  opened: ProbedDatabase,
  ids: readonly string[],
  asked: ProbeAnswers,
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

async function askProbe({ session, emit }: ProbedDatabase, id: string, sql: string): Promise<boolean | null> {
  const tell = (why: string): null => {
    emit?.({ type: 'warning', message: `the @probe of ${id} is ignored: ${why}` });
    return null;
  };
  try {
    const [row] = await ask(session, sql);
    const said = Object.values(row ?? {})[0];
    return typeof said === 'boolean'
      ? said
      : tell(`it returned ${JSON.stringify(said) ?? 'no row'} instead of a boolean`);
  } catch (error) {
    if (isConnectionLost(error)) throw error;
    return tell(readDriverError(error).message);
  }
}
