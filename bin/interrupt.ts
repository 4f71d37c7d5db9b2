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
  // `revgraph history | head` closes the pipe: nobody reads on, which is no error.
  const pipe = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  process.stdout.on('error', pipe);
  return {
    signal: controller.signal,
    dispose: () => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
    },
  };
}
