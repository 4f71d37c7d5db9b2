import type { CatalogueEntry } from '../../fingerprint/catalogue.js';
import { type Fact, subjectOf } from '../../fingerprint/fact.js';
import { tableOf } from '../../fingerprint/partitions.js';
import { xml } from '../graph/escape.js';
import { counted } from '../words.js';
import { reportHtml, tableHtml } from './report.js';

/** What one revision did to one object. */
interface Change {
  readonly revision: string;
  readonly adds: Fact[];
  readonly removes: Fact[];
}

/** A table with all of its parts, or whatever else a fact is about. */
const objectOf = (fact: Fact): string => tableOf(fact) ?? subjectOf(fact).replace(/^comment on /, '');

/** The history of every object of the schema, by name, in the order in which the revisions changed it. */
function changesOf(entries: readonly CatalogueEntry[]): [object: string, changes: Change[]][] {
  const objects = new Map<string, Change[]>();
  for (const { revision, adds, removes } of entries)
    for (const [key, facts] of [['adds', adds] as const, ['removes', removes] as const])
      for (const fact of facts) {
        const object = objectOf(fact);
        const changes = objects.get(object) ?? [];
        objects.set(object, changes);
        if (changes.at(-1)?.revision !== revision) changes.push({ revision, adds: [], removes: [] });
        changes.at(-1)?.[key].push(fact);
      }
  return [...objects].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A catalogue as a page: the history of each object, to be opened. @returns HTML with a line end */
export function catalogueHtml(entries: readonly CatalogueEntry[]): string {
  const objects = changesOf(entries);
  const body = objects.map(([object, changes]) => {
    const rows = changes.map(({ revision, adds, removes }) => [
      `<code>${xml(revision)}</code>`,
      `<pre>${[...removes.map((fact) => `− ${fact}`), ...adds.map((fact) => `+ ${fact}`)].map(xml).join('\n')}</pre>`,
    ]);
    return `<details><summary><code>${xml(object)}</code> · ${counted(changes.length, 'revision')}</summary>
${tableHtml(`History of ${object}`, ['Revision', 'Facts'], rows)}
</details>`;
  });
  const summary = `${counted(objects.length, 'object')}, changed by ${counted(entries.length, 'revision')}: what each adds (+) and removes (−).`;
  return reportHtml('Schema history', summary, body.join('\n'));
}
