import { EVENT_LEVELS, type EventType, type WithLevel } from '../run/events.js';

/** Who is told of events. */
export interface Listeners<E> {
  readonly onEvent?: ((event: WithLevel<E>) => unknown) | undefined;
}

/**
 * The caller's listener, guarded. What it throws, or rejects with, is its own: it neither stops a run nor ends the process. Node
 * prints it as a warning, once per listener.
 *
 * @returns what emits an event: its level is added here
 */
export function listenTo<E extends { readonly type: EventType }>({
  onEvent,
}: Listeners<E>): (event: E) => void {
  if (onEvent === undefined) return () => {};
  const tell = guarded('onEvent', onEvent);
  return (event) => tell({ ...event, level: EVENT_LEVELS[event.type] });
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
