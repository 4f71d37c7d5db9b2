import {
  availableExtensions,
  hasPrivilege,
  installedExtensions,
  PRIVILEGE_FORMS,
} from '../database/catalog/capabilities.js';
import { type Server, versionText } from '../database/connection/server.js';
import type { Queryable, Session } from '../database/connection/session.js';
import { RevgraphError } from '../errors/error.js';
import type { PreparedStep } from './prepare.js';

/**
 * Checks `@requires` of the whole plan against the server.
 * @param privileges whether the role of the session is the one that runs it
 * @param unfinished why a backfill that is required is not finished, or null
 * @throws `requirement_unmet` for the first revision that can't run, with all that it lacks
 */
export async function checkRequirements(
  client: Queryable,
  server: Server,
  steps: readonly PreparedStep[],
  unfinished: (backfill: string, askedBy: string) => string | null,
  { privileges = true }: { readonly privileges?: boolean } = {},
): Promise<void> {
  // Something that only speaks plain SQL (pg-mem) has no version and no extensions to ask for.
  if (server.versionNumber === null) return;
  // They are what the way up needs.
  const up = steps.filter(({ step }) => step.direction === 'upgrade');
  const available = await availableExtensions(client, [...new Set(up.flatMap((s) => s.extensions))]);
  for (const { revision, extensions } of up) {
    const unmet: string[] = [...new Set(extensions)]
      .filter((name) => !available.has(name))
      .map((name) => `extension ${name} is not available on this server`);
    for (const requirement of revision.header.requires) {
      if (requirement.kind === 'postgres') {
        const found = await postgresMeets(server.versionNumber, requirement.range);
        if (found !== null) unmet.push(found);
      } else if (requirement.kind === 'backfill') {
        const found = unfinished(requirement.revision, revision.revision);
        if (found !== null) unmet.push(found);
      } else if (requirement.kind === 'privilege' && privileges) {
        const found = await privilegeMissing(client, requirement.privilege);
        if (found !== null) unmet.push(found);
      }
    }
    if (unmet.length > 0)
      throw new RevgraphError('requirement_unmet', { revision: revision.revision, unmet });
  }
}

async function postgresMeets(versionNumber: number, range: string): Promise<string | null> {
  const { default: semver } = await import('semver');
  if (semver.validRange(range) === null) return `"${range}" is not a version range`;
  const version = `${Math.floor(versionNumber / 10_000)}.${versionNumber % 10_000}.0`;
  if (semver.satisfies(version, range)) return null;
  return `it requires PostgreSQL ${range}; this server is ${versionText(versionNumber)}`;
}

async function privilegeMissing(client: Queryable, privilege: string): Promise<string | null> {
  const held = await hasPrivilege(client, privilege);
  if (held === null)
    return `privilege ${JSON.stringify(privilege)} can't be checked; use one of: ${PRIVILEGE_FORMS}`;
  return held ? null : `it requires the privilege ${privilege}, which this role does not have`;
}

/** The embedded database has to be opened with the extensions that it has and those that a plan creates. */
export async function provideExtensions(session: Session, steps: readonly PreparedStep[]): Promise<void> {
  if (session.provideExtensions === undefined) return;
  await session.provideExtensions([
    ...(await installedExtensions(session)),
    ...steps.flatMap((step) => step.extensions),
  ]);
}
