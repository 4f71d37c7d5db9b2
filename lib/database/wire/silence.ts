import { setTimeout as sleep } from 'node:timers/promises';

/** What is known of the other side of a connection that says nothing. */
export interface OtherSide {
  /**
   * Looks, by another way, whether the server still works for the connection; rejects where it can't be reached.
   * @param last if it does not, nothing of the connection shall stay behind
   */
  readonly isWorking: (last: boolean) => Promise<boolean>;
  /** Closes the connection. */
  readonly close: () => void;
}

/**
 * Watches over the answers of a connection. A statement may take hours, and a network that drops every packet looks the same: so
 * after a while it is looked whether the server is at work. If not, or if it can't be reached, the answer will never come.
 */
export class SilenceWatch {
  readonly #rejects = new Set<(error: unknown) => void>();
  #timer: NodeJS.Timeout | null = null;
  /** Rises with every answer. */
  #heard = 0;
  #lost: unknown = null;

  /**
   * @param ms after which it is given up at the latest, unless the server works
   * @param lost the error, from what is told of the reason
   */
  constructor(
    private readonly ms: number,
    private readonly other: OtherSide,
    private readonly lost: (reason: string) => Error,
  ) {}

  /** The answer, or a rejection where none will come. */
  follow<T>(answer: Promise<T>): Promise<T> {
    if (this.ms <= 0) return answer;
    if (this.#lost !== null) {
      answer.catch(() => {});
      return Promise.reject(this.#lost);
    }
    return new Promise((resolve, reject) => {
      this.#rejects.add(reject);
      this.#timer ??= this.#arm();
      const end = (): void => {
        this.#heard += 1;
        this.#rejects.delete(reject);
        if (this.#rejects.size > 0 || this.#timer === null) return;
        clearTimeout(this.#timer);
        this.#timer = null;
      };
      answer.then(
        (value) => {
          end();
          resolve(value);
        },
        (error: unknown) => {
          end();
          reject(error);
        },
      );
    });
  }

  #arm(): NodeJS.Timeout {
    const heard = this.#heard;
    return setTimeout(() => {
      void this.#look(heard);
    }, this.ms * 0.6);
  }

  async #look(heard: number): Promise<void> {
    const reason = this.#heard === heard ? await this.#reason(heard) : null;
    if (this.#rejects.size === 0) this.#timer = null;
    else if (reason === null || this.#heard !== heard) this.#timer = this.#arm();
    else this.#giveUp(reason);
  }

  /** Null: it may still come. */
  async #reason(heard: number): Promise<string | null> {
    try {
      const limit = this.ms * 0.15;
      if (await inTime(this.other.isWorking(false), limit)) return null;
      // An answer that was on its way is here by now.
      await sleep(this.ms * 0.05, undefined, { ref: false });
      if (this.#heard !== heard || (await inTime(this.other.isWorking(true), limit))) return null;
      return `no answer came for ${Math.round(this.ms / 1000)} s, and the server is not working on one`;
    } catch {
      return `no answer came for ${Math.round(this.ms / 1000)} s, and the server could not be reached by another connection`;
    }
  }

  #giveUp(reason: string): void {
    this.#lost = this.lost(reason);
    for (const reject of this.#rejects) reject(this.#lost);
    this.#rejects.clear();
    this.#timer = null;
    this.other.close();
  }
}

async function inTime<T>(promise: Promise<T>, ms: number): Promise<T> {
  const end = new AbortController();
  promise.catch(() => {});
  const late = sleep(ms, undefined, { signal: end.signal }).then(
    () => Promise.reject(new Error('too late')),
    () => new Promise<never>(() => {}),
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    end.abort();
  }
}
