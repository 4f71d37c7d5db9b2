import type { DatabaseOptions } from '../config/options.js';
import type { DoctorResult } from '../evidence/doctor.js';

/**
 * Compares the version table with the schema. Writes nothing.
 * @throws `catalogue_missing`, `catalogue_invalid`, `catalogue_stale`
 */
export async function doctor(options: DatabaseOptions): Promise<DoctorResult> {
  const { checkOptions } = await import('../config/check-options.js');
  const { diagnoseDatabase } = await import('../evidence/doctor.js');
  return diagnoseDatabase(await checkOptions('doctor', options));
}
