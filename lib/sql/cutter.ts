import { Form } from './form.js';
import { Lexer, type LexicalFailure } from './lexer.js';

/** What stands between two semicolons. */
export interface Cut {
  /** Its first token. */
  readonly start: number;
  /** Its semicolon, or the end of the text. */
  readonly end: number;
  /** The same behind the semicolon. */
  readonly next: number;
  /** The word that it begins with, as written; '' where that is none. */
  readonly first: string;
  /** The last token before `end`: only behind END and `)` can a statement end that has semicolons inside. */
  readonly last: string;
  /** See {@link Form}; null if none was asked for, or it has none. */
  readonly form: string | null;
  /** What a backslash means in its strings, see {@link Lexer}. */
  readonly backslashes: boolean;
}

/** Cuts text at its semicolons. Which of them end a statement, only the parser knows: see {@link longer}. */
export class Cutter {
  readonly #lexer: Lexer;

  constructor(text: string) {
    this.#lexer = new Lexer(text);
  }

  get failure(): LexicalFailure | null {
    return this.#lexer.failure;
  }

  /** The next piece that has tokens; null at the end, and where the text is no SQL: see `failure`. */
  next(withForm: boolean): Cut | null {
    const lexer = this.#lexer;
    while (lexer.next()) {
      if (isComment(lexer) || lexer.is(';')) continue;
      return this.#rest(lexer.start, lexer.kind === 'word' ? lexer.word : '', withForm);
    }
    return null;
  }

  /** The piece with what follows, up to the next semicolon that may end it; null if nothing follows. */
  longer(cut: Cut): Cut | null {
    for (let more: Cut | null = null; ; ) {
      if (!this.#lexer.next()) return more;
      more = this.#rest(cut.start, cut.first, false);
      if (more === null || more.next === more.end || /^(end|\))$/i.test(more.last)) return more;
    }
  }

  /** Goes on from the token where the lexer is. */
  #rest(start: number, first: string, withForm: boolean): Cut | null {
    const lexer = this.#lexer;
    const { backslashes, text } = lexer;
    const form = withForm ? new Form(text, start) : null;
    let lastStart = start;
    let lastEnd = start;
    do {
      if (lexer.is(';')) break;
      form?.take(lexer);
      if (isComment(lexer)) continue;
      lastStart = lexer.start;
      lastEnd = lexer.end;
    } while (lexer.next());
    if (lexer.failure !== null) return null;
    const ended = lexer.is(';');
    const end = ended ? lexer.start : text.length;
    const last = text.slice(lastStart, Math.min(lastEnd, lastStart + 4));
    const next = ended ? lexer.end : end;
    return { start, end, next, first, last, form: form?.end(lastEnd) ?? null, backslashes };
  }
}

const isComment = ({ kind }: Lexer): boolean => kind === 'line-comment' || kind === 'block-comment';
