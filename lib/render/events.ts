import { duration } from '../errors/words.js';
import { eventMessage } from '../listeners/message.js';
import type { EventBody } from '../run/events.js';
import { finishedLine } from './backfill.js';
import { type Paint, PLAIN } from './lists.js';
import { stepLine } from './plan.js';

/** An event as a line for people, or null for those that only programs need. */
export function eventLine(event: EventBody, paint: Paint = PLAIN): string | null {
  switch (event.type) {
    case 'lock-obtained':
    case 'state-found':
    case 'planned':
    case 'step-started':
    // The error of the run says it.
    case 'step-failed':
    case 'backfill-progress':
      return null;
    case 'step-finished':
      return `${stepLine(event, paint)}  ${paint.dim(duration(event.ms))}`;
    case 'backfill-finished':
      return `      ${finishedLine(event)}`;
    case 'log':
      return `      ${event.message}`;
    case 'notice':
      return `      ${paint.dim(event.message)}`;
    case 'warning':
      return `Warning: ${event.message}`;
    default:
      return eventMessage(event);
  }
}
