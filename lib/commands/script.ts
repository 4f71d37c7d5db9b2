import type { Script } from '../run/script.js';
import type { RunOptions } from './options.js';

export interface ScriptOptions extends Omit<RunOptions, 'database'> {
  readonly direction: 'upgrade' | 'downgrade' | 'undo';
  readonly target: string | readonly string[];
  /** Not asked if the target is a range `FROM:TO`, which needs no database. */
  readonly database?: RunOptions['database'];
}

export interface ScriptResult extends Script {
  readonly direction: 'upgrade' | 'downgrade';
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly steps: readonly { revision: string; direction: 'upgrade' | 'downgrade'; ms: null }[];
  readonly dryRun: true;
}

/** The plan as a script that `psql` can run: nothing is written, nothing is locked. */
export async function script(options: ScriptOptions): Promise<ScriptResult> {
  const { planScript } = await import('./scripting.js');
  return planScript(options);
}
