import { defaultsOf, type OptionsOf } from '../options/option.js';
import { type DATABASE, STEP } from '../options/table.js';
import type { EventListener, Logger } from './events.js';

/** How steps are run. */
export interface StepOptions extends OptionsOf<typeof STEP>, OptionsOf<Pick<typeof DATABASE, 'application'>> {
  readonly onEvent?: EventListener | undefined;
  readonly logger?: Logger | undefined;
  /** Aborts the run between steps and while it waits. A step that has started is completed. */
  readonly signal?: AbortSignal | undefined;
}

export const STEP_DEFAULTS = defaultsOf(STEP);

/** Pause before try N (from 1): doubling from 250 ms, at most 8 s, with jitter so that two runs don't meet again. */
export function retryPause(attempt: number): number {
  return Math.round(Math.min(250 * 2 ** (attempt - 1), 8_000) * (0.75 + Math.random() / 2));
}
