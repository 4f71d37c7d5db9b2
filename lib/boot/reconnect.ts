import { isPool } from '../database/connection/connect.js';
import { isConnectionLost } from '../database/connection/failure.js';
import { pause } from '../database/connection/pause.js';
import type { DatabaseSource } from '../database/connection/session.js';
import { isRevgraphError, type RevgraphError } from '../errors/error.js';
import { listenTo } from '../listeners/listen.js';
import type { Event } from '../run/events.js';
import type { StepResult } from '../run/run.js';
import type { BootSettings } from './options.js';
import type { BootResult } from './position.js';

/** So often a service begins anew when the server has gone away under it. */
const TRIES = 3;
const FIRST_PAUSE_MS = 500;

/**
 * Begins anew where the connection was lost: a server that restarts, or fails over, or an administrator, ended it. What was done
 * stands, and the rows and the ledger say what; a step that did not come to its end is gone, or refused where that is not known.
 *
 * @param attempt one look at the database, and all that follows from it
 */
export async function reconnecting(
  options: BootSettings,
  attempt: (options: BootSettings) => Promise<BootResult>,
): Promise<BootResult> {
  const emit = listenTo(options);
  const done: StepResult[] = [];
  let found: BootResult['state'] | null = null;
  const onEvent = (event: Event): void => {
    if (event.type === 'state-found') found ??= event.state;
    if (event.type === 'step-finished')
      done.push({ revision: event.revision, direction: event.direction, ms: event.ms });
    emit(event);
  };
  for (let tries = 1; ; tries++) {
    const before = [...done];
    try {
      const result = await attempt({ ...options, onEvent, logger: undefined });
      return before.length === 0
        ? result
        : { ...result, found: found ?? result.found, steps: [...before, ...result.steps] };
    } catch (error) {
      if (tries >= TRIES || !opensAnew(options.database) || !isLost(error)) throw error;
      const pauseMs = FIRST_PAUSE_MS * 2 ** (tries - 1) * (0.5 + Math.random());
      emit({ type: 'database-waiting', reason: (error as RevgraphError).message });
      await pause(pauseMs, options.signal, {
        during: 'while waiting for the database',
        applied: done.map(({ revision }) => revision),
        remaining: [],
      });
    }
  }
}

/** A client that was lent is connected by its owner. */
const opensAnew = (database: DatabaseSource): boolean =>
  typeof database === 'string'
    ? !database.startsWith('pglite:')
    : typeof database === 'object' && database !== null && isPool(database);

const isLost = (error: unknown): boolean =>
  isRevgraphError(error, 'connection_lost') ||
  (isRevgraphError(error, 'step_failed') && isConnectionLost(error.cause));
