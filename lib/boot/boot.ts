import type { BootOptions } from './options.js';
import type { BootResult } from './position.js';

/**
 * Brings the database of a service to the target. Many processes may call this at once: one migrates, the others wait and find
 * nothing to do.
 *
 * `empty`: runs everything · `legacy` (tables, no version table): identifies the revision from the schema, stamps it and no
 * more, runs the rest · `behind`: compares the version table with the schema, runs the rest · `current`: one round trip,
 * nothing else · `ahead`: see `unknownRows`. Stamp and upgrade are one operation: the stamp is written after everything that
 * can be checked has been checked.
 *
 * @throws `unidentified` for a legacy database that does not match a revision; `contradicted` if the schema contradicts the
 * version table; `unknown_row`, `below_minimum`, `not_current` (policies `verify` and `wait`); what `upgrade` throws. A refused
 * database is not changed.
 */
export async function boot(options: BootOptions): Promise<BootResult> {
  const [{ bootSettings }, { bootDatabase }] = await Promise.all([
    import('./options.js'),
    import('./policy.js'),
  ]);
  return bootDatabase(await bootSettings(options));
}
