/**
 * Promises handed to somebody else's code, and whether it ever looked at what became of them. A rejection that nobody looks
 * at must neither end the process nor pass for a success: whoever handed the promise out asks for it at the end.
 */
export class Handed {
  readonly #unheard = new Map<Promise<unknown>, unknown>();
  readonly #errors = new WeakSet<object>();
  #lost: { error: unknown } | null = null;

  /** What is handed out in place of `promise`. */
  hand<T>(promise: Promise<T>): Promise<T> {
    const handed = new HandedPromise<T>(
      promise,
      () => this.#unheard.delete(handed),
      (derived) => this.hand(derived),
    );
    // Not by its own `then`, which would count as a look. Without a handler Node would end the process.
    promise.catch((error: unknown) => {
      if (typeof error === 'object' && error !== null) this.#errors.add(error);
      if (!handed.heard) this.#unheard.set(handed, error);
    });
    return handed;
  }

  /** What nobody looked at, the first of it; null if there is nothing. */
  get failure(): { readonly error: unknown } | null {
    const [first] = this.#unheard.values();
    return this.#unheard.size > 0 ? { error: first } : this.#lost;
  }

  /**
   * Takes the rejections of one's own async functions as well: `rows.forEach(async (row) => { await db.query(…) })` looks at
   * the query, and nobody at the function. Others are left to the process.
   * @returns the end of it
   */
  guard(): () => void {
    const guardOfCode = (reason: unknown): void => {
      if (typeof reason === 'object' && reason !== null && this.#errors.has(reason)) {
        this.#lost ??= { error: reason };
        Object.defineProperty(reason, TAKEN, { value: true });
        return;
      }
      // A listener takes away what Node does by default: where there are only such as this one, the last does it.
      const listeners = process.listeners('unhandledRejection');
      const alone = listeners.every(({ name }) => name === guardOfCode.name);
      if (alone && listeners.at(-1) === guardOfCode && !isTaken(reason)) throw reason;
    };
    // Before a listener that ends the process, which has to see that the rejection is taken.
    process.prependListener('unhandledRejection', guardOfCode);
    return () => process.off('unhandledRejection', guardOfCode);
  }
}

/** Says to other listeners of `unhandledRejection` that the error will be reported: the command line's would end it all. */
const TAKEN = Symbol.for('revgraph.taken');

const isTaken = (reason: unknown): boolean => Object(reason)[TAKEN] === true;

class HandedPromise<T> extends Promise<T> {
  heard = false;
  readonly #onHeard: () => void;
  readonly #pass: <R>(derived: Promise<R>) => Promise<R>;

  constructor(promise: Promise<T>, onHeard: () => void, pass: <R>(derived: Promise<R>) => Promise<R>) {
    super((resolve, reject) => {
      promise.then(resolve, reject);
    });
    this.#onHeard = onHeard;
    this.#pass = pass;
    super.then(undefined, () => {});
  }

  /** What is derived of it is an ordinary promise, or handed anew. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise; `await` asks a subclass for its `then`
  override then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    const derived = super.then(fulfilled, rejected);
    this.heard = true;
    this.#onHeard();
    // Without a handler the rejection goes on to what is derived: it is that which has to be looked at.
    return typeof rejected === 'function' ? derived : this.#pass(derived);
  }

  override finally(action?: (() => void) | null): Promise<T> {
    return this.#pass(super.finally(action));
  }
}
