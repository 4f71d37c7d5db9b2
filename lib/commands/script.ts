import type { ScriptOptions, ScriptResult } from '../apply/plan-script.js';
import type { StampScript } from '../evidence/stamp.js';
import type { StampOptions } from '../evidence/stamp-target.js';

export type { ScriptOptions, ScriptResult, StampScript };

/** Returns the plan as a script for `psql`. Nothing is written or locked. */
export async function script(options: ScriptOptions): Promise<ScriptResult>;
/** Returns a stamp as a script for `psql`. It needs a database. */
export async function script(options: StampOptions & { readonly direction: 'stamp' }): Promise<StampScript>;
export async function script(
  options: ScriptOptions | (StampOptions & { readonly direction: 'stamp' }),
): Promise<ScriptResult | StampScript> {
  const { checkOptions } = await import('../config/check-options.js');
  const checked = await checkOptions('script', options);
  if (checked.direction === 'stamp') return (await import('../evidence/stamp.js')).stampScript(checked);
  return (await import('../apply/plan-script.js')).planScript(checked);
}
