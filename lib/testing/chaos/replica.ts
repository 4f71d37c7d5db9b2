/*
 * The program of a process under fire: it is told what to run by its parent, one job after the other, and tells what came of it.
 */
import { boot } from '../../boot/boot.js';
import { upgrade } from '../../commands/upgrade.js';
import { isRevgraphError } from '../../errors/error.js';
import { loadProject } from '../../project/project.js';
import type { Event } from '../../run/events.js';
import type { ChaosJob, ReplicaSays } from './replicas.js';
import { witnessed } from './witness.js';

process.on('message', (job: ChaosJob) => void work(job));
// Without its parent it has nothing to do.
process.on('disconnect', () => process.exit());
say({ type: 'ready' });

async function work(job: ChaosJob): Promise<void> {
  try {
    const revisions = witnessed(await loadProject(job.revisions), job.stepMs);
    const { database, lock, silenceTimeoutMs } = job;
    const call = job.call === 'boot' ? boot : upgrade;
    const options = { database, revisions, lock, silenceTimeoutMs, target: 'heads' } as const;
    const { steps } = await call({ ...options, onEvent: (event) => told(event, job) });
    say({ type: 'succeeded', ran: steps.map(({ revision }) => revision) });
  } catch (error) {
    say({ type: 'failed', ...factsOf(error) });
  }
}

function told(event: Event, { killAfter }: ChaosJob): void {
  if (event.type === 'planned') say({ type: 'planned' });
  if (event.type === 'step-finished' && event.number === killAfter) process.kill(process.pid, 'SIGKILL');
}

function say(what: ReplicaSays): void {
  process.send?.(what);
}

/** What the parent asks of an error, which can't be handed over itself. */
function factsOf(error: unknown): {
  code: string;
  message: string;
  constraint: string | null;
  nothing: string | null;
} {
  const ours = isRevgraphError(error) ? error : null;
  const { remains, failed } = isRevgraphError(error, 'step_failed')
    ? error.details
    : { remains: 'unknown', failed: null };
  return {
    code: ours?.code ?? 'unknown',
    message: error instanceof Error ? error.message : String(error),
    constraint: constraintOf(error),
    nothing: remains === 'nothing' ? failed : null,
  };
}

/** The constraint that PostgreSQL names, somewhere among the causes. */
function constraintOf(error: unknown): string | null {
  const { constraint, cause } = error as { constraint?: unknown; cause?: unknown };
  if (typeof constraint === 'string') return constraint;
  return typeof cause === 'object' && cause !== null ? constraintOf(cause) : null;
}
