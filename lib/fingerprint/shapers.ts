import type { CatalogueEntry } from './catalogue.js';
import { subjectOf } from './fact.js';

/** Which revisions made objects where there were none, and which took shapes of them away, by object and in order. */
export class Shapers {
  readonly #removers = new Map<string, number[]>();
  readonly #makers = new Map<string, number[]>();
  readonly #writers = new Map<string, number[]>();

  constructor(entries: readonly (CatalogueEntry | undefined)[]) {
    entries.forEach((entry, revision) => {
      const removed = new Set(entry?.removes.map(subjectOf));
      const added = new Set(entry?.adds.map(subjectOf));
      for (const subject of removed) push(this.#removers, subject, revision);
      for (const subject of added) if (!removed.has(subject)) push(this.#makers, subject, revision);
      for (const subject of new Set([...removed, ...added])) push(this.#writers, subject, revision);
    });
  }

  /**
   * The last revision that took a shape of an object away: the shapes before it are gone whoever ran before.
   * @param standing marks; what does not stand now will not stand later
   */
  lastRemover(subject: string, standing: Uint8Array): number | undefined {
    const removers = this.#removers.get(subject) ?? [];
    while (removers.length > 0 && standing[removers.at(-1) as number] !== 1) removers.pop();
    return removers.at(-1);
  }

  /** Who wrote an object from the last that took a shape of it away on: whose facts nobody took away after that. */
  lastWriters(subject: string, standing: Uint8Array): number[] {
    const from = this.lastRemover(subject, standing) ?? -1;
    const writers = this.#writers.get(subject) ?? [];
    const found: number[] = [];
    for (let i = writers.length - 1; i >= 0; i--) {
      const writer = writers[i] as number;
      if (writer < from) break;
      if (standing[writer] === 1) found.push(writer);
      else writers.splice(i, 1);
    }
    return found;
  }

  /** Who made an object that a revision found and gave another shape. */
  makerBefore(subject: string, revision: number, standing: Uint8Array): number | undefined {
    return this.#makers.get(subject)?.findLast((maker) => maker < revision && standing[maker] === 1);
  }
}

function push(lists: Map<string, number[]>, key: string, value: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
