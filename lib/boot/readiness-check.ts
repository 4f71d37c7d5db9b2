import { unfinishedIn } from '../access/held.js';
import { type Opened, withDatabase } from '../access/open.js';
import type { State } from '../access/state.js';
import { assertCompatible, isStrictlyAhead } from '../access/unknown-rows.js';
import type { FailedCheck } from '../errors/error.js';
import { isRevgraphError, RevgraphError } from '../errors/error.js';
import type { SchemaProof } from '../evidence/mending/schema-proof.js';
import { loadProject, type Project } from '../project/project.js';
import { READINESS_DEFAULTS, type ReadinessOptions, readinessOptions } from './options.js';
import { isAhead, isServed, positionOf } from './position.js';

/** How `readiness` looks at a database. */
export interface Look {
  readonly ttlMs: number;
  /** One look. What goes wrong is an answer too. */
  now(): Promise<ReadinessAnswer>;
}

/**
 * Reads the options and the revisions when the first look is taken; revisions that could not be read are read again at the
 * next. A look that was given up goes on until its server answers: until then no other is taken, or looks that hang would
 * take every connection of the pool, one after the other.
 */
export function lookingAt(given: ReadinessOptions): Look {
  const { ttlMs, timeoutMs, target } = READINESS_DEFAULTS;
  const limitMs = given.timeoutMs ?? timeoutMs;
  let loading: Promise<Project> | null = null;
  let running: Promise<void> | null = null;
  const load = (): Promise<Project> => {
    loading ??= loadProject(given.revisions).catch((error: unknown) => {
      loading = null;
      throw error;
    });
    return loading;
  };
  const now = async (): Promise<ReadinessAnswer> => {
    const checkedAt = new Date().toISOString();
    let project: Project | null = null;
    try {
      const options = await readinessOptions(given);
      project = await load();
      const begun = Date.now();
      if (running !== null) await within(running, limitMs);
      const { connectTimeoutMs = limitMs, unknownRows } = options;
      const seen = withDatabase(
        { ...options, revisions: project, connectTimeoutMs },
        async (opened) => {
          const position = await positionOf(opened, { ...options, target: options.target ?? target });
          const ahead =
            unknownRows === undefined
              ? isStrictlyAhead(opened)
              : unknownRows !== 'refuse' && isAhead(position);
          const fits = unknownRows !== undefined || (await isCompatible(opened, options));
          const placed = fits && (isServed(position) || ahead);
          const checks = placed && options.verify === true ? await asked(opened, options, limitMs) : null;
          const backfills = await unfinishedIn(opened);
          const proof = placed && options.prove === true ? await proven(opened) : null;
          const isProven = proof === null || proof.made.length + proof.before.length === 0;
          return { ready: placed && checks?.ok !== false && isProven, ...position, backfills, checks, proof };
        },
        false,
      );
      const over = (): void => {
        running = null;
      };
      running = seen.then(over, over);
      return { ...(await within(seen, limitMs, begun)), checkedAt, error: null };
    } catch (error) {
      const known = isRevgraphError(error) ? error : { code: 'internal', message: (error as Error).message };
      const heads = project?.graph.effectiveHeads ?? [];
      const nothing = {
        current: [],
        heads,
        pending: [],
        release: null,
        held: [],
        backfills: [],
        checks: null,
        proof: null,
      };
      const told = { code: known.code, message: known.message };
      return { ready: false, state: 'unreachable', ...nothing, checkedAt, error: told };
    }
  };
  return { ttlMs: given.ttlMs ?? ttlMs, now };
}

async function isCompatible(opened: Opened, options: ReadinessOptions): Promise<boolean> {
  try {
    await assertCompatible(opened, options);
    return true;
  } catch (error) {
    if (isRevgraphError(error, 'incompatible')) return false;
    throw error;
  }
}

/** Loaded when it is asked for: most looks ask no more than where the rows are. */
async function proven(opened: Opened): Promise<SchemaProof> {
  const { proveOpened } = await import('../evidence/mending/prove.js');
  return proveOpened(opened);
}

/** What goes on behind a look that is given up is given up by the server too. */
async function asked(
  opened: Opened,
  options: ReadinessOptions,
  limitMs: number,
): Promise<NonNullable<ReadinessAnswer['checks']>> {
  const { verifyOpened } = await import('../apply/verify.js');
  const quiet = { ...opened, emit: () => {} };
  const { ok, checks } = await verifyOpened(quiet, { ...options, statementTimeoutMs: limitMs });
  return { ok, failed: checks.filter((check) => !check.ok).map(({ ok: _, ...check }) => check) };
}

async function within<T>(work: Promise<T>, timeoutMs: number, begun = Date.now()): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  // What comes too late is let go of by itself.
  work.catch(() => {});
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new RevgraphError('timed_out', { what: 'The readiness check', timeoutMs })),
      Math.max(timeoutMs - (Date.now() - begun), 0),
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the database is ready for the service. */
export interface ReadinessAnswer {
  readonly ready: boolean;
  /** `unreachable`: the database did not answer. */
  readonly state: State | 'unreachable';
  readonly current: readonly string[];
  readonly heads: readonly string[];
  readonly pending: readonly string[];
  readonly release: string | null;
  /** Revisions of `pending` that wait for a backfill. If no others are pending, the answer is ready. */
  readonly held: readonly string[];
  /** Revisions whose background backfill is not finished. */
  readonly backfills: readonly string[];
  /** Result of the checks; null without `verify`, or if the database is not current anyway. */
  readonly checks: { readonly ok: boolean; readonly failed: readonly FailedCheck[] } | null;
  /** Whether the schema is what the catalogue has for the rows; null without `prove`, or if the database is not current anyway. */
  readonly proof: SchemaProof | null;
  /** ISO 8601. */
  readonly checkedAt: string;
  /** The error if the database did not answer, else null. */
  readonly error: { readonly code: string; readonly message: string } | null;
}
