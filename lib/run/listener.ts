/**
 * The caller's listener, guarded: what it throws, or rejects with, is its own. It neither stops a run nor ends the process;
 * Node prints it as a warning, once per listener.
 */
export function listenTo<E>(listener: ((event: E) => unknown) | undefined): (event: E) => void {
  if (listener === undefined) return () => {};
  let told = false;
  const warn = (error: unknown): void => {
    if (told) return;
    told = true;
    const reason = error instanceof Error ? error.message : String(error);
    process.emitWarning(`onEvent threw: ${reason}`, { type: 'RevgraphWarning', code: 'LISTENER_FAILED' });
  };
  return (event) => {
    try {
      const answer = listener(event);
      // Not by instanceof: a promise may be of another library, or of another realm.
      if (typeof (answer as PromiseLike<unknown> | null | undefined)?.then === 'function')
        Promise.resolve(answer).catch(warn);
    } catch (error) {
      warn(error);
    }
  };
}
