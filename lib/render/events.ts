import type { EventBody } from '../run/events.js';
import { finishedLine } from './backfill.js';
import { type Paint, PLAIN } from './lists.js';
import { duration, stepLine } from './plan.js';

/** Why a step is tried again, where that is no table lock. */
const RETRIED: Readonly<Record<string, string>> = {
  '40P01': 'it met another transaction in a deadlock',
  '40001': 'another transaction overtook its snapshot',
};

/** An event as a line for people, or null for those that only programs need. */
export function eventLine(event: EventBody, paint: Paint = PLAIN): string | null {
  switch (event.type) {
    case 'database-busy':
      return `Waiting: the embedded database is in use by ${event.holder}`;
    case 'database-waiting':
      return `Waiting for the database: ${event.reason}`;
    case 'lock-waiting':
      return `Waiting for the lock, held by ${event.holder}`;
    case 'version-table-adopted':
      return `Using the version table ${event.table} in place`;
    case 'lock-obtained':
    case 'state-found':
      return null;
    case 'stamped':
      return `Stamped ${event.to.join(', ') || 'base'}: ${event.why}`;
    case 'planned':
    case 'step-started':
      return null;
    case 'step-finished':
      return `${stepLine(event, paint)}  ${paint.dim(duration(event.ms))}`;
    // The error of the run says it.
    case 'step-failed':
      return null;
    case 'step-retried':
      return `${event.revision}: ${RETRIED[event.sqlstate] ?? 'a table is locked'}${event.blocker === null ? '' : ` by ${event.blocker}`}; attempt ${event.attempt + 1} in ${duration(event.pauseMs)}`;
    case 'backfill-progress':
      return null;
    case 'backfill-paused':
      return `${event.revision}: ${event.name} is paused; run \`revgraph backfill resume ${event.revision}\` to continue`;
    case 'backfill-resumed':
      return `${event.revision}: ${event.name} continues`;
    case 'backfill-throttled':
      return `${event.revision}: ${event.name} waits: ${event.reason}`;
    case 'row-quarantined':
      return `${event.revision}: ${event.name}: row ${event.key.join(', ')} failed: ${event.error}`;
    case 'backfill-finished':
      return `      ${finishedLine(event)}`;
    case 'backfill-queued':
      return `${event.revision} is queued for the background; run \`revgraph backfill work\``;
    case 'log':
      return `      ${event.message}`;
    case 'notice':
      return `      ${paint.dim(event.message)}`;
    case 'warning':
      return `Warning: ${event.message}`;
    default:
      return event satisfies never;
  }
}
