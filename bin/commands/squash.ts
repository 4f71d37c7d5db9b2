import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { squashText } from '../../lib/render/squash.js';
import { withConfirmation } from '../ask.js';
import { define } from '../command.js';
import { flag } from '../flags.js';
import { projectSettings } from '../settings.js';

interface Flags {
  readonly range?: string | undefined;
  readonly message?: string | undefined;
  readonly revId?: string | undefined;
  readonly on?: string | undefined;
  readonly dryRun: boolean;
}

const { squash } = revgraph.OPTIONS;

export const command = define<Flags>({
  command: 'squash [range]',
  describe: 'Write one revision that takes the place of a range of them, and prove that it does',
  builder: (yargs: Argv) =>
    yargs
      .positional('range', {
        type: 'string',
        describe: 'FROM:TO, or TO for all up to it  [default: the minimum release]',
      })
      .option('message', { ...flag(squash.message), alias: 'm' })
      .option('rev-id', flag(squash.id))
      .option('on', flag(squash.on))
      .option('dry-run', flag(squash.dryRun))
      .example('revgraph squash v1.0.24 --dry-run', 'what it would be, proven')
      .example('revgraph squash a1:c3 -m "2024"', 'the revisions from a1 to c3'),
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
    output.document(result);
  },
});
