import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

/** File → text. */
export type Sources = Readonly<Record<string, string>>;

export interface Import {
  readonly from: string;
  readonly isType: boolean;
  /** `import()` */
  readonly isLazy: boolean;
}

export interface Source {
  readonly text: string;
  /** Without comments; string literals stand as `"§N"`. */
  readonly code: string;
  readonly strings: readonly string[];
  readonly imports: readonly Import[];
}

const TOKEN =
  /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<quoted>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|(?<regexp>(?<=(?:^|[=(,:[!&|?{};\n]|=>|return)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[dgimsuvy]*)|(?<tick>`)|(?<open>\{)|(?<close>\})/g;

/** Takes comments and literals out of the code. Template literals nest, so their ends are found with a stack. */
export function read(text: string): Source {
  const strings: string[] = [];
  const stack: ('{' | '${')[] = [];
  let code = '';
  let at = 0;
  const keep = (literal: string): string => `"§${strings.push(literal) - 1}"`;
  const chunk = (from: number): number => {
    const end = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*/y;
    end.lastIndex = from;
    code += keep(end.exec(text)?.[0] ?? '');
    const isHole = text.startsWith('${', end.lastIndex);
    if (isHole) stack.push('${');
    return end.lastIndex + (isHole ? 2 : 1);
  };
  TOKEN.lastIndex = 0;
  for (let token = TOKEN.exec(text); token !== null; token = TOKEN.exec(text)) {
    const { comment, quoted, tick, open, close } = token.groups ?? {};
    code += text.slice(at, token.index);
    at = TOKEN.lastIndex;
    if (quoted !== undefined) code += keep(quoted.slice(1, -1));
    else if (tick !== undefined) at = chunk(at);
    else if (close !== undefined && stack.pop() === '${') at = chunk(at);
    else if (open !== undefined || close !== undefined) code += token[0];
    else if (comment === undefined) code += '/regexp/';
    if (open !== undefined) stack.push('{');
    TOKEN.lastIndex = at;
  }
  code += text.slice(at);
  return { text, code, strings, imports: importsOf(code, strings) };
}

const CLAUSE = '(?:[\\w$]+\\s*,?\\s*)?(?:\\{[^}]*\\}|\\*(?:\\s*as\\s+[\\w$]+)?)?';
export const STATEMENT = new RegExp(
  `^(?:import|export)\\s+(type\\s+)?${CLAUSE}\\s*(?:from\\s*)?"§(\\d+)";?`,
  'gm',
);
const CALL = /(typeof\s+)?\bimport\(\s*"§(\d+)"/g;

/** Static and dynamic imports and re-exports. `import { type A }` counts as value: it stays in what is compiled. */
const importsOf = (code: string, strings: readonly string[]): Import[] =>
  [
    ...[...code.matchAll(STATEMENT)].map((found) => ({ found, isLazy: false })),
    ...[...code.matchAll(CALL)].map((found) => ({ found, isLazy: true })),
  ].map(({ found: [, type, at], isLazy }) => ({
    from: strings[Number(at)] as string,
    isType: type !== undefined,
    isLazy,
  }));

/** The file that a relative import means. */
export const resolved = (file: string, from: string): string =>
  posix.join(posix.dirname(file), from).replace(/\.js$/, '.ts');

export const isRelative = ({ from }: Import): boolean => from.startsWith('.');

/** All sources of `lib/` and `bin/`. */
export function readHouse(): Sources {
  return Object.fromEntries(
    ['lib', 'bin']
      .flatMap((top) =>
        readdirSync(top, { recursive: true, encoding: 'utf8' }).map((path) => posix.join(top, path)),
      )
      .filter((file) => file.endsWith('.ts'))
      .sort()
      .map((file) => [file, readFileSync(file, 'utf8')]),
  );
}
