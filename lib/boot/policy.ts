import { assertRecorded } from '../access/judgement.js';
import { lockSession, type Opened, withDatabase } from '../access/open.js';
import { assertServable } from '../access/unknown-rows.js';
import { pause } from '../database/connection/pause.js';
import { RevgraphError } from '../errors/error.js';
import { loadProject } from '../project/project.js';
import { type BootSettings, bootAgain } from './options.js';
import type { BootResult } from './position.js';
import { type DatabasePosition, isAhead, isServed, positionOf, untouched } from './position.js';
import { reconnecting } from './reconnect.js';

const POLL_MS = 1_000;

/** See `boot`. */
export async function bootDatabase(options: BootSettings): Promise<BootResult> {
  const settings = { ...options, revisions: await loadProject(options.revisions) };
  return settings.policy === 'wait' ? wait(settings) : reconnecting(settings, once);
}

async function once(options: BootSettings): Promise<BootResult> {
  return withDatabase(
    options,
    async (opened) => {
      const position = await look(opened, options);
      const done = isServed(position) || options.policy === 'skip' || isAhead(position);
      if (options.policy === 'verify' && !done) throw notCurrent(position, options, null);
      if (done) return untouched(position, position.state, options.dryRun === true);
      const { migrate, preview } = await import('./migrate.js');
      if (options.dryRun === true) return preview(opened, position, options);
      return lockSession(opened, options, (locked) => migrate(locked, options));
    },
    false,
  );
}

/** One look. @throws `unknown_row` under the policy `refuse` */
async function look(opened: Opened, options: BootSettings): Promise<DatabasePosition> {
  const { project, emit } = opened;
  if (options.policy !== 'skip') await assertServable(opened, options);
  const position = await positionOf(opened, options);
  emit({ type: 'state-found', state: position.state, current: position.current });
  if (options.policy !== 'skip') assertRecorded(project.graph, opened, options);
  return position;
}

/** Waits until another process has migrated the database: looks again and again, each time with a new connection. */
async function wait(options: BootSettings): Promise<BootResult> {
  const begun = Date.now();
  let found: DatabasePosition['state'] | null = null;
  for (;;) {
    const position = await withDatabase(
      options,
      (opened) =>
        look(opened, found === null ? options : { ...options, onEvent: undefined, logger: undefined }),
      false,
    );
    found ??= position.state;
    const dryRun = options.dryRun === true;
    // A dry run tells what is there now: nobody waits for the answer to “what would be done”.
    if (dryRun || isServed(position) || isAhead(position)) return untouched(position, found, dryRun);
    const waitedMs = Date.now() - begun;
    if (waitedMs >= options.waitMs) throw notCurrent(position, options, waitedMs);
    await pause(Math.min(POLL_MS * (0.5 + Math.random()), options.waitMs - waitedMs + 1), options.signal, {
      during: 'while waiting for another process to migrate',
      applied: [],
      remaining: position.pending,
    });
  }
}

function notCurrent(
  { state, current, pending }: DatabasePosition,
  options: BootSettings,
  waitedMs: number | null,
): RevgraphError {
  return new RevgraphError('not_current', { state, current, pending, waitedMs, next: bootAgain(options) });
}
