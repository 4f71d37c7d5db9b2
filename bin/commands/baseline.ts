import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { baselineText } from '../../lib/render/baseline.js';
import { define } from '../command.js';
import { flag } from '../flags.js';
import type { RunFlags } from '../globals.js';
import { databaseAndConfig, ms } from '../settings.js';

interface Flags extends Pick<RunFlags, 'lock' | 'lockWait' | 'dryRun'> {
  readonly message: string;
  readonly revId?: string | undefined;
  readonly dump?: string | undefined;
  readonly pgDump?: string | undefined;
  readonly on?: string | undefined;
  readonly stamp: boolean;
}

const { baseline: BASELINE } = revgraph.OPTIONS;

export const command = define<Flags>({
  command: 'baseline',
  describe: 'Write the first revision from the schema of a database, and stamp the database with it',
  builder: (yargs: Argv) =>
    yargs
      .option('message', { ...flag(BASELINE.message), alias: 'm', demandOption: true })
      .option('rev-id', flag(BASELINE.id))
      .option('dump', flag(BASELINE.dump))
      .option('pg-dump', flag(BASELINE.pgDump))
      .option('on', flag(BASELINE.on))
      .option('stamp', flag(BASELINE.stamp))
      .option('dry-run', flag(BASELINE.dryRun))
      .option('lock', flag(BASELINE.lock))
      .option('lock-wait', flag(BASELINE.lockWaitMs)),
  run: async (flags, output, { signal }) => {
    const { config, ...settings } = await databaseAndConfig(flags, output, signal);
    const { message, revId: id, dump, pgDump, on, stamp, dryRun } = flags;
    const result = await revgraph.baseline({
      ...settings,
      application: config.application,
      expect: config.expect,
      lock: flags.lock ?? config.lock,
      lockWaitMs: ms(flags.lockWait) ?? config.lockWaitMs,
      message,
      id,
      dump,
      pgDump,
      on,
      stamp,
      dryRun,
    });
    output.text(baselineText(result, output.paint));
    output.document('baseline', result);
  },
});
