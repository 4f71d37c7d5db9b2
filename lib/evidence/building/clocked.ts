import type { Node } from 'libpg-query';
import { codeOf, dotted, functionBody } from '../../sql/tree.js';
import { treesOf } from '../../sql/trees.js';

/** What the clock says, and what comes by chance: names that are made of it are others at the next replay. */
const CLOCK =
  /\b(?:now|current_date|current_time|current_timestamp|localtime|localtimestamp|(?:clock|statement|transaction)_timestamp|timeofday|random|gen_random_uuid|gen_random_bytes|uuid_generate_v\d\w*|uuidv[47]|txid_current|pg_current_xact_id|pg_backend_pid)\b|'(?:now|today|tomorrow|yesterday)'/i;
const CLOCK_OF_PROGRAMS = /\bDate\b|\bMath\.random\b|\brandom(?:UUID|Bytes|Int)\b|\bhrtime\b/;
/** A default is evaluated when a row is written, and makes no name. */
const DEFAULT = /\bdefault\s+[^,\n;]*/gi;
const EXECUTES = /\bexecute\b/i;

const readsClock = (body: string): boolean => CLOCK.test(body.replace(DEFAULT, ''));

/**
 * Whether revisions may make names of the clock or by chance, asked in the order in which they run: what one leaves behind, a
 * function or a trigger, the next may use.
 */
export class Clocked {
  readonly #functions = new Set<string>();
  #fires = false;

  /** @param sql what it runs; `code`: the text of programs that it runs */
  async mayName({
    sql,
    code,
  }: {
    readonly sql: readonly string[];
    readonly code: readonly string[];
  }): Promise<boolean> {
    let may = code.some((text) => readsClock(text) || CLOCK_OF_PROGRAMS.test(text) || this.#calls(text));
    for (const text of sql) if (await this.#mayNameBy(text)) may = true;
    return may || this.#fires;
  }

  async #mayNameBy(sql: string): Promise<boolean> {
    const isPlain = !(EXECUTES.test(sql) && readsClock(sql)) && !this.#calls(sql);
    if (isPlain) return false;
    const trees = await treesOf(sql);
    if (trees === null) return true;
    let may = false;
    for (const node of trees) {
      if ('CreateFunctionStmt' in node) {
        const name = dotted(node.CreateFunctionStmt.funcname)?.name;
        if (name !== undefined && this.#isClocked(functionBody(node)))
          this.#functions.add(name.toLowerCase());
      } else if ('DoStmt' in node) may ||= this.#isClocked(codeOf(node));
      else if ('CreateTrigStmt' in node) this.#fires ||= this.#has(node.CreateTrigStmt.funcname);
      else if ('CreateEventTrigStmt' in node) this.#fires ||= this.#has(node.CreateEventTrigStmt.funcname);
      else may ||= this.#calls(words(node));
    }
    return may;
  }

  #isClocked(body: string): boolean {
    return (EXECUTES.test(body) && readsClock(body)) || this.#calls(body);
  }

  #has(name: Node[] | undefined): boolean {
    return this.#functions.has(dotted(name)?.name.toLowerCase() ?? '');
  }

  #calls(text: string): boolean {
    return [...this.#functions].some((name) =>
      new RegExp(`\\b${name.replace(/\W/g, '\\$&')}\\b`, 'i').test(text),
    );
  }
}

/** All names and strings of a statement. */
const words = (node: Node): string => JSON.stringify(node);
