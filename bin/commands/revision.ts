import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { squashText } from '../../lib/render/squash.js';
import { withConfirmation } from '../ask.js';
import { define } from '../command.js';
import { flag } from '../flags.js';
import { projectSettings } from '../settings.js';

interface Flags {
  readonly message: string;
  readonly splice: boolean;
  readonly label?: string[] | undefined;
  readonly revId?: string | undefined;
}

function withFileFlags(yargs: Argv): Argv {
  return yargs
    .option('message', { ...flag(revgraph.OPTIONS.revision.message), alias: 'm', demandOption: true })
    .option('splice', flag(revgraph.OPTIONS.revision.splice))
    .option('label', flag(revgraph.OPTIONS.revision.labels))
    .option('rev-id', flag(revgraph.OPTIONS.revision.id));
}

export const revision = define<Flags & { head?: string[]; dependsOn?: string[]; ts: boolean }>({
  command: 'revision',
  describe: 'Create a revision file on top of the head',
  builder: (yargs: Argv) =>
    withFileFlags(yargs)
      .option('head', flag(revgraph.OPTIONS.revision.heads))
      .option('depends-on', flag(revgraph.OPTIONS.revision.dependsOn))
      .option('ts', { type: 'boolean', default: false, describe: 'Write TypeScript instead of SQL' }),
  run: async (flags, output) => {
    const { revisions, releases } = await projectSettings(flags);
    const { message, splice, label: labels, revId: id, head: heads, dependsOn } = flags;
    const kind = flags.ts ? 'ts' : 'sql';
    const made = await revgraph.revision({
      revisions,
      releases,
      message,
      heads,
      splice,
      dependsOn,
      labels,
      id,
      kind,
    });
    output.text(made.file);
    output.document('revision', made);
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
    const { revisions, releases } = await projectSettings(flags);
    const { message, splice, label: labels, revId: id, target } = flags;
    const made = await revgraph.merge({ revisions, releases, message, target, splice, labels, id });
    output.text(made.file);
    output.document('merge', made);
  },
});

interface SquashFlags {
  readonly range?: string | undefined;
  readonly message?: string | undefined;
  readonly revId?: string | undefined;
  readonly on?: string | undefined;
  readonly dryRun: boolean;
}

const { squash: SQUASH } = revgraph.OPTIONS;

export const squash = define<SquashFlags>({
  command: 'squash [range]',
  describe: 'Write one revision that takes the place of a range of them, and prove that it does',
  builder: (yargs: Argv) =>
    yargs
      .positional('range', {
        type: 'string',
        describe: 'FROM:TO, or TO for all up to it  [default: the minimum release]',
      })
      .option('message', { ...flag(SQUASH.message), alias: 'm' })
      .option('rev-id', flag(SQUASH.id))
      .option('on', flag(SQUASH.on))
      .option('dry-run', flag(SQUASH.dryRun)),
  run: async (flags, output, { signal }) => {
    const { revisions, config } = await projectSettings(flags);
    const { range, message, revId: id, on, dryRun } = flags;
    const { releases, minimum } = config;
    const options = { revisions, releases, minimum, range, message, id, on, dryRun, signal };
    const result = await withConfirmation((confirmed) => revgraph.squash({ ...options, confirmed }), {
      yes: flags.yes,
      question: 'Delete them?',
      output,
    });
    output.text(squashText(result, output.paint));
    output.document('squash', result);
  },
});
