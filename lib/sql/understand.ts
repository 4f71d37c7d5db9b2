import type { Cut, Cutter } from './cutter.js';
import { type Classification, classify } from './outside/transactional.js';
import { isUnfinished, MOST_PARSED, type Parse, type ParseFailure } from './parser.js';
import { isCopyFromClient } from './refusal.js';
import type { Touch } from './touch.js';
import { touchesOf } from './touches.js';

/** What the tree of a statement says. Statements of one form share it. */
export interface Facts extends Classification {
  readonly touches: readonly Touch[];
  readonly copiesFromClient: boolean;
}

/** The statement that a cut turned out to be, or to be the beginning of. */
export interface Understood {
  readonly cut: Cut;
  readonly facts: Facts;
}

/**
 * So much of a text is parsed as it stands. Behind that, statements are parsed by their form: what is wrong with one of a
 * thousand rows, the server will say.
 */
const READ_IN_FULL = 65_536;
/** Of a single statement this is parsed in full where that is asked for: 1 MB of rows takes 0.5 s and 100 MB of memory. */
const MOST_IN_FULL = 1_000_000;
/** Characters of forms that are remembered. */
const MOST_REMEMBERED = 4_000_000;

/** Reads the statements of one text. */
export class Reader {
  readonly #parse: Parse;
  readonly #text: string;
  readonly #known = new Map<string, Facts>();
  #remembered = 0;
  #read = 0;

  /** @param thorough every statement of up to 1 MB is parsed as it stands */
  constructor(
    parse: Parse,
    text: string,
    private readonly thorough: boolean,
  ) {
    this.#parse = parse;
    this.#text = text;
  }

  /** The next statement; null at the end, and where the cutter fails. */
  next(cutter: Cutter): Understood | ParseFailure | null {
    const cut = cutter.next(true);
    if (cut === null) return null;
    const length = cut.next - cut.start;
    this.#read += length;
    const whole = this.thorough ? length <= MOST_IN_FULL : this.#read <= READ_IN_FULL;
    const facts = whole || cut.form === null ? null : this.#byForm(cut.form, cut);
    return facts === null ? this.#inFull(cut, cutter) : { cut, facts };
  }

  #byForm(form: string, { backslashes }: Cut): Facts | null {
    const known = this.#known.get(form);
    if (known !== undefined) return known;
    if (form.length > MOST_PARSED) return null;
    const node = this.#parse(form, backslashes);
    // To say what is wrong, it has to be read as it stands.
    if ('reason' in node) return null;
    const facts = factsOf(node, form);
    if (this.#remembered + form.length > MOST_REMEMBERED) this.#known.clear();
    this.#remembered = (this.#known.size === 0 ? 0 : this.#remembered) + form.length;
    this.#known.set(form, facts);
    return facts;
  }

  #inFull(first: Cut, cutter: Cutter): Understood | ParseFailure | null {
    for (let cut = first; ; ) {
      const length = cut.next - cut.start;
      if (length > MOST_PARSED) return { at: cut.start, reason: tooLarge(length) };
      const text = this.#text.slice(cut.start, cut.next);
      const node = this.#parse(text, cut.backslashes);
      if (!('reason' in node)) return { cut, facts: factsOf(node, text) };
      const failure = { at: cut.start + node.at, reason: node.reason };
      if (!isUnfinished(node) || cut.next === cut.end) return failure;
      const longer = cutter.longer(cut);
      if (longer === null) return cutter.failure === null ? failure : null;
      cut = longer;
    }
  }
}

function factsOf(node: Exclude<ReturnType<Parse>, ParseFailure>, text: string): Facts {
  return { ...classify(node), touches: touchesOf(node, text), copiesFromClient: isCopyFromClient(node) };
}

function tooLarge(characters: number): string {
  const size = (n: number): string => `${(n / 1e6).toFixed(1)} MB`;
  return `the statement has ${size(characters)}, and the parser reads up to ${size(MOST_PARSED)}. Write it as several statements, or use a code revision`;
}
