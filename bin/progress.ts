import type { Event } from '../lib/index.js';
import { progressLine } from '../lib/render/backfill.js';
import { printable } from '../lib/render/words.js';
import type { Output } from './output.js';

type Progress = Extract<Event, { type: 'backfill-progress' }>;

/** How a backfill is seen while it runs: one line that is written over on a terminal, else a line now and then. */
export interface ProgressView {
  show(event: Progress, output: Output): void;
  /** Before anything else is written: takes the line away. */
  clear(): void;
}

/** Between two lines where there is no terminal. */
const INTERVAL_MS = 10_000;
/** More often nobody can read. */
const REDRAW_MS = 100;

/** @param intervalMs between two lines where there is no terminal */
export function progressView(intervalMs = INTERVAL_MS): ProgressView {
  const terminal = process.stderr.isTTY === true;
  let shown = false;
  let next = Date.now() + (terminal ? 0 : intervalMs);
  return {
    show: (event, output) => {
      if (output.quiet || Date.now() < next) return;
      next = Date.now() + (terminal ? REDRAW_MS : intervalMs);
      const line = printable(`${event.revision}: ${progressLine(event)}`);
      if (!terminal) return output.aside(line);
      process.stderr.write(`\r\x1b[2K${line.slice(0, (process.stderr.columns ?? 100) - 1)}`);
      shown = true;
    },
    clear: () => {
      if (shown) process.stderr.write('\r\x1b[2K');
      shown = false;
    },
  };
}
