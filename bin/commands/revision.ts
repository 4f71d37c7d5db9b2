import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { define } from '../command.js';
import { projectSettings } from '../settings.js';

interface Flags {
  readonly message: string;
  readonly splice: boolean;
  readonly label?: string[] | undefined;
  readonly revId?: string | undefined;
}

function withFileFlags(yargs: Argv): Argv {
  return yargs
    .option('message', {
      alias: 'm',
      type: 'string',
      demandOption: true,
      requiresArg: true,
      describe: 'What it is for, in one line',
    })
    .option('splice', { type: 'boolean', default: false, describe: 'Allow a revision that is no head' })
    .option('label', {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'Branch label of the new line',
    })
    .option('rev-id', { type: 'string', requiresArg: true, describe: 'Id  [default: 12 random hex digits]' });
}

export const revision = define<Flags & { head?: string[]; dependsOn?: string[]; ts: boolean }>({
  command: 'revision',
  describe: 'Create a revision file on top of the head',
  builder: (yargs: Argv) =>
    withFileFlags(yargs)
      .option('head', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'What it revises  [default: the one head]',
      })
      .option('depends-on', { type: 'string', array: true, requiresArg: true, describe: 'Prerequisites' })
      .option('ts', { type: 'boolean', default: false, describe: 'Write TypeScript instead of SQL' }),
  run: async (flags, output) => {
    const { revisions } = await projectSettings(flags);
    const { message, splice, label: labels, revId: id, head: heads, dependsOn } = flags;
    const kind = flags.ts ? 'ts' : 'sql';
    const made = await revgraph.revision({ revisions, message, heads, splice, dependsOn, labels, id, kind });
    output.text(made.file);
    output.document(made);
  },
});

export const merge = define<Flags & { target?: string[] }>({
  command: 'merge [target..]',
  describe: 'Create a merge revision',
  builder: (yargs: Argv) =>
    withFileFlags(yargs).positional('target', {
      type: 'string',
      array: true,
      describe: 'What to merge  [default: all heads]',
    }),
  run: async (flags, output) => {
    const { revisions } = await projectSettings(flags);
    const { message, splice, label: labels, revId: id, target: targets } = flags;
    const made = await revgraph.merge({ revisions, message, targets, splice, labels, id });
    output.text(made.file);
    output.document(made);
  },
});
