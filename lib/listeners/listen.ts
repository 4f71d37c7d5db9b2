import { dataWithoutSecrets } from '../errors/secrets.js';
import {
  EVENT_LEVELS,
  type EventBody,
  type EventListener,
  type EventType,
  type Logger,
  type WithLevel,
} from '../run/events.js';
import { eventMessage } from './message.js';

/** Who is told of events. */
interface Listeners<E> {
  readonly onEvent?: ((event: WithLevel<E>) => unknown) | undefined;
  readonly logger?: Logger | undefined;
}

/**
 * The caller's listener and logger, guarded. What they throw, or reject with, is their own: it neither stops a run nor ends the
 * process. Node prints it as a warning, once for each.
 *
 * @param messageOf the line of an event for the logger
 * @returns what emits an event: its level is added here
 */
export function listening<E extends { readonly type: EventType }>(
  { onEvent, logger }: Listeners<E>,
  messageOf: (event: E) => string,
): (event: E) => void {
  const tell = onEvent === undefined ? null : guarded('onEvent', onEvent);
  const write = logger === undefined ? null : guarded('logger', (event: E) => log(logger, event, messageOf));
  if (tell === null && write === null) return () => {};
  return (event) => {
    tell?.({ ...event, level: EVENT_LEVELS[event.type] });
    write?.(event);
  };
}

/** {@link listening} to the events of a run. */
export const listenTo = (listeners: {
  readonly onEvent?: EventListener | undefined;
  readonly logger?: Logger | undefined;
}): ((event: EventBody) => void) => listening<EventBody>(listeners, eventMessage);

/** The method says the level; a logger writes a key of that name itself, in words of its own. */
function log<E extends { readonly type: EventType }>(
  logger: Logger,
  event: E,
  messageOf: (event: E) => string,
): unknown {
  const { level: _, ...fields } = dataWithoutSecrets<E & { readonly level?: unknown }>(event);
  return logger[EVENT_LEVELS[event.type]](fields, dataWithoutSecrets(messageOf(event)));
}

/** @param name what the warning calls it */
function guarded<A extends unknown[]>(name: string, call: (...given: A) => unknown): (...given: A) => void {
  let told = false;
  const warn = (error: unknown): void => {
    if (told) return;
    told = true;
    const reason = error instanceof Error ? error.message : String(error);
    process.emitWarning(`${name} threw: ${reason}`, { type: 'RevgraphWarning', code: 'LISTENER_FAILED' });
  };
  return (...given) => {
    try {
      const answer = call(...given);
      // Not by instanceof: a promise may be of another library, or of another realm.
      if (typeof (answer as PromiseLike<unknown> | null | undefined)?.then === 'function')
        Promise.resolve(answer).catch(warn);
    } catch (error) {
      warn(error);
    }
  };
}
