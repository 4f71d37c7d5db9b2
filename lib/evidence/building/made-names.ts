import type { Effect } from '../../fingerprint/contested.js';
import { datedNames, unwrittenNames } from '../../fingerprint/dated.js';
import type { Revision } from '../../revision/revision.js';
import { textsOf } from '../rewrites.js';
import { Clocked } from './clocked.js';

/**
 * Names that the next replay would make otherwise: of the date, another part of the clock, or by chance. Two replays with two clocks
 * would find them, and take twice as long; a name that stands in no text, of a revision that asks the clock where it puts statements
 * together, is found by one. It errs to the safe side: such an object is no evidence.
 */
export class MadeNames {
  readonly #clocked = new Clocked();
  readonly #texts: string[] = [];

  /** Takes note of a revision that ran. @returns whether it may make such names */
  async note(revision: Revision): Promise<boolean> {
    const texts = await textsOf(revision);
    this.#texts.push([...texts.sql, ...texts.code].join('\n').toLowerCase());
    return this.#clocked.mayName(texts);
  }

  /** Objects that a revision, the next one to run, has named so. @param today when it ran */
  async of(revision: Revision, effect: Effect, today: Date): Promise<string[]> {
    const mayName = await this.note(revision);
    const own = this.#texts.at(-1) as string;
    const dated = datedNames(new Map([[revision.revision, effect]]), today, () => own);
    const isWritten = (name: string): boolean => {
      const written = name.toLowerCase();
      return this.#texts.some((text) => text.includes(written));
    };
    return [...new Set([...dated, ...(mayName ? unwrittenNames(effect, isWritten) : [])])].sort();
  }
}
