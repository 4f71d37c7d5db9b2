import { existsSync } from 'node:fs';
import { isConnectionLost } from '../database/failure.js';
import { catalogueFile, readCatalogue, toCatalogue } from './catalogue-file.js';
import { contradictions } from './doctoring.js';
import type { Opened } from './open.js';

/**
 * Warns before an upgrade whose rows claim what the schema denies: what was skipped below is never run by it. The catalogue
 * is taken as it is; whether it fits is for `doctor` to find out, which reads every revision for that.
 */
export async function warnOfContradiction(opened: Opened): Promise<void> {
  const { project, rows, emit } = opened;
  const { folder } = project;
  if (folder === undefined || rows.length === 0 || !existsSync(catalogueFile(folder))) return;
  try {
    const found = await contradictions(opened, toCatalogue(await readCatalogue(catalogueFile(folder))));
    if (found === null) return;
    const ids = found.diagnosis.missing.map(({ revision }) => revision);
    const some = ids.slice(0, 3).join(', ');
    emit({
      type: 'warning',
      message: `the version table claims ${ids.length} revisions that the schema contradicts (${some} …): this upgrade does not run them; see \`revgraph doctor\``,
    });
  } catch (error) {
    if (isConnectionLost(error)) throw error;
    const { message } = error as Error;
    emit({ type: 'warning', message: `the version table was not held against the schema: ${message}` });
  }
}
