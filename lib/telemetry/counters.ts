import type { Meter } from '@opentelemetry/api';
import { isRevgraphError } from '../errors/error.js';
import type { Event } from '../run/events.js';

/** The counters of runs. */
export interface Counters {
  hear(event: Event): void;
  failed(operation: string, error: unknown): void;
}

/** @returns counters of a meter; asked for again it gives the same ones */
export function countersOf(meter: Meter): Counters {
  const steps = meter.createCounter('revgraph.steps', { unit: '{step}', description: 'Steps that were run' });
  const failures = meter.createCounter('revgraph.failures', {
    unit: '{failure}',
    description: 'Runs that failed or were refused',
  });
  const lockWait = meter.createCounter('revgraph.lock.wait', {
    unit: 'ms',
    description: 'Time that runs waited for the lock of another run',
  });
  return {
    hear: (event) => {
      if (event.type === 'lock-obtained') lockWait.add(event.waitedMs);
      if (event.type === 'step-finished' || event.type === 'step-failed')
        steps.add(1, {
          'revgraph.direction': event.direction,
          'revgraph.outcome': event.type === 'step-finished' ? 'done' : 'failed',
        });
    },
    failed: (operation, error) => {
      const type = isRevgraphError(error) ? error.code : error instanceof Error ? error.name : 'Error';
      failures.add(1, { 'revgraph.operation': operation, 'error.type': type });
      if (isRevgraphError(error, 'lock_not_obtained')) lockWait.add(error.details.waitedMs);
    },
  };
}
