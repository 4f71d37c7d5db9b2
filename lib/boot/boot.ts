import type { BootOptions } from './options.js';
import type { BootResult } from './position.js';

/**
 * Brings the database of a service to where its code needs it, however many processes call it at once: one does it, the
 * others wait and find nothing to do.
 *
 * `empty`: runs everything · `legacy` (tables, no version table): finds out from the schema which revisions it has, stamps
 * that and no more, runs the rest · `behind`: holds the version table against the schema, runs the rest · `current`: one
 * round trip, nothing else · `ahead`: by `unknownRows`. Stamp and upgrade are one operation: nothing is stamped before
 * everything that can be checked has been.
 *
 * @throws `unidentified` for a legacy database that fits no revision; `contradicted` for a version table that claims what
 * the schema denies; `unknown_row`, `below_minimum`, `not_current` (policies `verify` and `wait`); what `upgrade` throws.
 * A refused database is left untouched.
 */
export async function boot(options: BootOptions): Promise<BootResult> {
  const [{ bootSettings }, { bootDatabase }] = await Promise.all([
    import('./options.js'),
    import('./policy.js'),
  ]);
  return bootDatabase(await bootSettings(options));
}
