import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { logText } from '../../lib/render/log.js';
import { define } from '../command.js';
import { flag, helpOf } from '../flags.js';
import { databaseSettings } from '../settings.js';

type Flags = Pick<revgraph.LogOptions, 'revision' | 'direction' | 'outcome' | 'since' | 'limit'>;

const { log } = revgraph.OPTIONS;

export const command = define<Flags>({
  command: 'log [revision]',
  describe: 'Show what ran on the database, newest first: upgrades, downgrades, stamps and failures',
  builder: (yargs: Argv) =>
    yargs
      .positional('revision', { type: 'string', describe: helpOf(log.revision) })
      .option('direction', flag(log.direction))
      .option('outcome', flag(log.outcome))
      .option('since', flag(log.since))
      .option('limit', flag(log.limit)),
  run: async (flags, output, { signal }) => {
    const { revision, direction, outcome, since, limit } = flags;
    const settings = await databaseSettings(flags, output, signal);
    const found = await revgraph.log({ ...settings, revision, direction, outcome, since, limit });
    output.text(logText(found, output.paint));
    output.document('log', found);
  },
});
