import { unfinishedIn } from '../commands/held.js';
import { withDatabase } from '../commands/open.js';
import { loadProject, type Project } from '../commands/project.js';
import { isRevgraphError } from '../errors.js';
import { parseReadinessOptions, READINESS_DEFAULTS, type ReadinessOptions } from './options.js';
import { isAhead, isServed, positionOf } from './position.js';
import type { ReadinessAnswer } from './readiness.js';

/** How `readiness` looks at a database. */
export interface Look {
  readonly ttlMs: number;
  /** One look. What goes wrong is an answer too. */
  now(): Promise<ReadinessAnswer>;
}

/** Reads the options and the revisions once, when the first look is taken. */
export function lookingAt(options: ReadinessOptions): Look {
  const { ttlMs, timeoutMs, target } = READINESS_DEFAULTS;
  const limitMs = options.timeoutMs ?? timeoutMs;
  let loading: Promise<Project> | null = null;
  const now = async (): Promise<ReadinessAnswer> => {
    const checkedAt = new Date().toISOString();
    let project: Project | null = null;
    try {
      parseReadinessOptions(options);
      loading ??= loadProject(options.revisions);
      project = await loading;
      const { connectTimeoutMs = limitMs, unknownRows = 'refuse' } = options;
      const seen = withDatabase({ ...options, revisions: project, connectTimeoutMs }, async (opened) => ({
        ...(await positionOf(opened, { ...options, target: options.target ?? target })),
        backfills: await unfinishedIn({ ...opened, schema: opened.table.schema }),
      }));
      const position = await within(seen, limitMs);
      const ahead = unknownRows !== 'refuse' && isAhead(position);
      return { ready: isServed(position) || ahead, ...position, checkedAt, error: null };
    } catch (error) {
      const known = isRevgraphError(error) ? error : { code: 'internal', message: (error as Error).message };
      const nothing = {
        current: [],
        heads: project?.graph.heads ?? [],
        pending: [],
        release: null,
        held: [],
        backfills: [],
      };
      const told = { code: known.code, message: known.message };
      return { ready: false, state: 'unreachable', ...nothing, checkedAt, error: told };
    }
  };
  return { ttlMs: options.ttlMs ?? ttlMs, now };
}

async function within<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  // What comes too late is let go of by itself.
  work.catch(() => {});
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
