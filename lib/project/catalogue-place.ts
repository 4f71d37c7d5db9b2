import { join } from 'node:path';
import { lookAt } from '../revision/whole-file.js';

/* Where a catalogue is, and whether there is one: without it nothing of the evidence is loaded. */

export const CATALOGUE_FILE = 'catalogue.json';

/** The catalogue beside the revisions of a folder. */
export function catalogueFile(revisions: string): string {
  return join(revisions, CATALOGUE_FILE);
}

/** Why revisions have no catalogue; null if they have one. @throws `file_unreadable` */
export function whyNoCatalogue(folder: string | undefined): string | null {
  if (folder === undefined) return 'the revisions were not read from a folder';
  return lookAt(catalogueFile(folder)) === null ? 'there is no catalogue' : null;
}

/** The same without an error: where it can't be told, whoever reads the catalogue says so. */
export function isSurelyWithoutCatalogue(folder: string | undefined): boolean {
  try {
    return whyNoCatalogue(folder) !== null;
  } catch {
    return false;
  }
}
