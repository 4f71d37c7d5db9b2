import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { RevgraphError } from '../lib/index.js';
import { EXAMPLES } from './examples.js';
import { assertSingle, type Globals } from './globals.js';
import { type Output, openOutput } from './output.js';
import { assertSwitches } from './switches.js';

/** What a command is given beside its flags. */
export interface Invocation {
  /** As they were typed. */
  readonly args: readonly string[];
  readonly signal: AbortSignal;
  /** The exit value, 0 unless the command says otherwise. */
  exitValue: number;
}

/** A verb: its flags, and what it does with them. */
export interface Verb<F = object> {
  /** As yargs writes it: `show <target..>`. */
  readonly command: string;
  readonly describe: string;
  readonly builder?: (yargs: Argv) => Argv;
  run(flags: F & Globals, output: Output, invocation: Invocation): Promise<void>;
}

/** A verb that is only a family of others: `backfill status`. */
export interface Family {
  readonly command: string;
  readonly describe: string;
  readonly actions: readonly Verb<never>[];
}

/** A family of verbs as a yargs module. */
export function toFamily({ command, describe, actions }: Family, invocation: Invocation): CommandModule {
  return {
    command,
    describe,
    builder: (yargs: Argv) => {
      withExamples(yargs, command);
      for (const action of actions) yargs.command(toModule(action as Verb, invocation, true));
      return yargs.demandCommand(
        1,
        `Which of ${actions.map(({ command: name }) => name.split(' ')[0]).join(', ')}?`,
      );
    },
    handler: () => {},
  };
}

/** Types a verb. */
export function define<F = object>(verb: Verb<F>): Verb<F> {
  return verb;
}

/** A verb as a yargs module; `isAction`: it is one of a family, which has the examples. */
export function toModule<F>(
  { command, describe, builder, run }: Verb<F>,
  invocation: Invocation,
  isAction = false,
): CommandModule {
  let lists: ReadonlySet<string> = new Set();
  let switches: readonly string[] = [];
  let unsupported: readonly string[] = [];
  return {
    command,
    describe,
    builder: (yargs: Argv) => {
      const before = new Set(declaredIn(yargs));
      const built = builder === undefined ? yargs : builder(yargs);
      // A command's own options are what its help is asked for: a group of its own comes before those of all.
      const others = new Set([...before, ...otherwiseIn(built)]);
      built.group(
        declaredIn(built).filter((name) => !others.has(name)),
        'Options:',
      );
      if (!isAction) withExamples(built, command);
      lists = listsOf(built);
      switches = switchesOf(built);
      unsupported = hiddenIn(built).filter((name) => /^(sql|dry-run)$/.test(name));
      return built;
    },
    handler: async (flags: ArgumentsCamelCase) => {
      assertSingle(flags, lists);
      assertSwitches(invocation.args, switches);
      // Whoever asks for a script, or for a look, must not get the deed.
      for (const name of unsupported)
        if (flags[name] === true)
          throw new RevgraphError('usage', {
            message: `${flags._.join(' ')} does not support --${name}.`,
          });
      const typed = flags as unknown as F & Globals;
      await run(typed, await openOutput(typed), invocation);
    },
  };
}

function withExamples(yargs: Argv, command: string): void {
  for (const [line, what] of EXAMPLES[command.split(' ')[0] ?? ''] ?? []) yargs.example(line, what);
}

/** Options that are declared so far, without the words of the command. */
export function declaredIn(parser: unknown): string[] {
  const { key } = (parser as { getOptions(): { key: object } }).getOptions();
  return Object.keys(key);
}

/** Names among those that help shows elsewhere: second ones, and words of the command. */
function otherwiseIn(yargs: Argv): string[] {
  const parser = yargs as unknown as {
    getOptions(): { alias: Record<string, string[]> };
    getGroups(): Record<string, string[]>;
  };
  return [...Object.values(parser.getOptions().alias).flat(), ...(parser.getGroups()['Positionals:'] ?? [])];
}

/** Options that are declared and not offered. */
function hiddenIn(yargs: Argv): readonly string[] {
  return (yargs as unknown as { getOptions(): { hiddenOptions: readonly string[] } }).getOptions()
    .hiddenOptions;
}

/** Options that were declared as arrays, under both of their names. */
function listsOf(yargs: Argv): ReadonlySet<string> {
  const { array } = (yargs as unknown as { getOptions(): { array: readonly string[] } }).getOptions();
  return new Set(
    array.flatMap((name) => [name, name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())]),
  );
}

/** Options that were declared without a value, under all of their names. */
function switchesOf(yargs: Argv): readonly string[] {
  const { boolean, alias } = (
    yargs as unknown as { getOptions(): { boolean: readonly string[]; alias: Record<string, string[]> } }
  ).getOptions();
  return boolean.flatMap((name) => [name, ...(alias[name] ?? [])]);
}
