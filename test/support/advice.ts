import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Finished, startProgram } from './command-line.js';

const BINARY = fileURLToPath(new URL('../../dist/bin/revgraph.js', import.meta.url));
const REVGRAPH = `revgraph() { ${process.execPath} '${BINARY}' "$@"; }`;

/** The commands that a text advises, as they are printed. */
export function advised(text: string): string[] {
  const found = text.matchAll(
    /`(revgraph [^`]+)`|(?:run|Next): ((?:cd .+ && )?revgraph .+)$|^→ (revgraph .+)$/gm,
  );
  return [...found].map(([, quoted, announced, alone]) => quoted ?? announced ?? alone ?? '');
}

/** Types a line into a shell, in which `revgraph` is the compiled command line. */
export function type(cwd: string, line: string, env: Readonly<Record<string, string>>): Promise<Finished> {
  return startProgram(cwd, 'sh', ['-c', `${REVGRAPH}\n${line}`], env).finished;
}

export interface WrittenAdvice {
  readonly file: string;
  /** What follows `revgraph`; what is put in when it is printed stands as `X`. */
  readonly words: readonly string[];
}

/** Every `revgraph …` that a source of the library or the command line writes down, comments and examples too. */
export function writtenAdvices(): WrittenAdvice[] {
  const files = ['lib', 'bin'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  );
  return (
    files
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) =>
        [
          ...plain(readFileSync(file, 'utf8')).matchAll(
            /[`'] ?revgraph ((?:[a-z]|--)[^`'\n]+)[`']|Next: +(?:X )?revgraph (.+)`/g,
          ),
        ].map(([, quoted, announced]) => ({ file, words: (quoted ?? announced ?? '').trim().split(/\s+/) })),
      )
      // Not `'revgraph is …'`, which is a sentence.
      .filter(({ words }) => !words.includes('is'))
  );
}

/** A source whose templates are filled in: `X`, behind the flags that what is put in may bring. */
function plain(source: string): string {
  const filled = source.replace(/\$\{((?:[^{}`]|`[^`]*`)*)\}/g, (_, inner: string) =>
    [' ', ...(inner.match(/--[a-z-]+/g) ?? []), 'X '].join(' '),
  );
  return filled === source ? source.replaceAll('\\`', '`') : plain(filled);
}
