/** Kinds of values that the table can say by itself. Everything else is `given`: an object whose type stands in a room above. */
export type OptionType =
  | 'text'
  /** A name of PostgreSQL's, up to 63 bytes. */
  | 'name'
  /** A version of the product: `2.4.0`. */
  | 'version'
  /** One text or several. */
  | 'oneOrMore'
  | 'texts'
  | 'boolean'
  /** Milliseconds; as a flag, seconds. 0 to 2,147,483,647: PostgreSQL keeps timeouts in 32 bits. */
  | 'ms'
  | 'count'
  | 'positive'
  | readonly string[];

/** Objects with a schema of their own. */
export type GivenType =
  | 'given'
  | 'function'
  /** Methods `debug`, `info`, `warn` and `error`. */
  | 'logger'
  | 'signal'
  | 'releases'
  | 'runsOn'
  | 'checks'
  | 'expect'
  | 'backup'
  | 'limits'
  | 'override'
  /** Functions by the names of hooks: only a program can give them, and a configuration that is one. */
  | 'hooks';

/** One option: the only place that says what it is called, takes, and is by default. */
export interface Option {
  readonly type: OptionType | GivenType;
  /** One sentence, for help texts and the reference. */
  readonly help: string;
  /** What counts where it is left out: a value, or words where there is none to write down. */
  readonly default?: string | number | boolean;
  readonly required?: true;
  /** Its name on the command line; none for what only a program can give. */
  readonly flag?: string;
  /** A file of configuration may say it, under this name or the one given here. */
  readonly config?: true | string;
  /** A name that it had, still taken. */
  readonly formerly?: string;
}

export type Options = Readonly<Record<string, Option>>;

type ValueOf<T> = T extends 'text' | 'name' | 'version'
  ? string
  : T extends 'oneOrMore'
    ? string | readonly string[]
    : T extends 'texts'
      ? readonly string[]
      : T extends 'boolean'
        ? boolean
        : T extends 'ms' | 'count' | 'positive'
          ? number
          : T extends readonly (infer Word)[]
            ? Word
            : never;

/** The options of a group as a type: those whose values the table can say. */
export type OptionsOf<G extends Options> = {
  readonly [N in keyof G as G[N]['type'] extends OptionType ? N : never]?: ValueOf<G[N]['type']> | undefined;
};

/** The defaults of a group, by name. */
export type DefaultsOf<G extends Options> = {
  readonly [N in keyof G as G[N] extends { readonly default: unknown } ? N : never]: G[N]['default'];
};

/** @returns the defaults of a group, by name; options without one are left out */
export function defaultsOf<const G extends Options>(group: G): DefaultsOf<G> {
  const known = Object.entries(group).flatMap(([name, option]) =>
    option.default === undefined ? [] : [[name, option.default] as const],
  );
  return Object.fromEntries(known) as DefaultsOf<G>;
}

/** One value that is wrong: where it stands in the options, and what it must be. */
export interface OptionIssue {
  readonly path: string;
  readonly message: string;
}
