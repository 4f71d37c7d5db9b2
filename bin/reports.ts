import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Options } from 'yargs';
import { RevgraphError, writeWhole } from '../lib/index.js';

/** The flag of a report as a page. @param of what is told */
export const htmlFlag = (of: string): Options => ({
  type: 'string',
  requiresArg: true,
  describe: `Write ${of} to this file, as an HTML page that needs nothing else`,
});

/** Writes a report, and the folders above it. @throws `file_unwritable` */
export function writeReport(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    const reason = (error as Error).message;
    throw new RevgraphError('file_unwritable', { file, reason }, { cause: error });
  }
  writeWhole(file, text);
}
