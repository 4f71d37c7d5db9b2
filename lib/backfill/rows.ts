import type { Read } from './effect.js';

/** A row without what was read beside it for us. */
export function bare(row: Read): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('revgraph:')));
}
