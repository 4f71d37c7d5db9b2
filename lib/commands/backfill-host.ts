import type { Host } from '../backfill/host.js';
import type { StepOptions } from '../run/options.js';
import { applySettings } from '../run/settings.js';
import type { Locked } from './open.js';

/** What a backfill needs, as a command has it that runs no plan. */
export function hostOn(
  { session, server, table, lockKey, emit, project }: Locked,
  options: StepOptions,
  revision: string,
): Host {
  return {
    client: session,
    schema: table.schema,
    revision,
    file: project.revisions.get(revision)?.file ?? revision,
    signal: options.signal,
    emit,
    preview: null,
    settle: ({ statementTimeoutMs, lockTimeoutMs = options.lockTimeoutMs }) =>
      applySettings({ session, server, lockKey, options: { ...options, statementTimeoutMs, lockTimeoutMs } }),
  };
}
