import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import type { Globals } from './globals.js';
import type { Invocation } from './main.js';
import { type Output, openOutput } from './output.js';

/** A verb: its flags, and what it does with them. */
export interface Verb<F> {
  readonly command: string;
  readonly describe: string;
  readonly builder?: (yargs: Argv) => Argv;
  readonly run: (flags: F & Globals, output: Output, invocation: Invocation) => Promise<void>;
}

/** A verb as a yargs module. */
export function define<F>({
  command,
  describe,
  builder,
  run,
}: Verb<F>): (invocation: Invocation) => CommandModule {
  return (invocation) => ({
    command,
    describe,
    builder: (yargs: Argv) => (builder === undefined ? yargs : builder(yargs)),
    handler: async (flags: ArgumentsCamelCase) => {
      const typed = flags as unknown as F & Globals;
      await run(typed, await openOutput(typed), invocation);
    },
  });
}
