/**
 * Ctrl-C and SIGTERM stop a run between two steps; a second one ends the process at once.
 * @returns the signal for the library, and how to take the handlers away again
 */
export function interruptible(): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    process.stderr.write('Stopping after the current step. Interrupt again to stop at once.\n');
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return {
    signal: controller.signal,
    dispose: () => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
    },
  };
}
