import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { idempotenceText, verificationText } from '../../lib/render/verification.js';
import { define } from '../command.js';
import { seconds } from '../globals.js';
import { databaseAndConfig } from '../settings.js';

export const command = define<{ idempotent?: string | undefined; statementTimeout?: number | undefined }>({
  command: 'verify',
  describe: 'Run the @verify checks of applied revisions, and the checks of the configuration',
  builder: (yargs: Argv) =>
    yargs
      .option('idempotent', {
        type: 'string',
        requiresArg: true,
        describe:
          'Run the upgrade of this applied revision once more, tell what that changes, and take it back',
      })
      .option('statement-timeout', seconds('Seconds a statement may take  [default: 60]')),
  run: async (flags, output, invocation) => {
    const { config, ...settings } = await databaseAndConfig(flags, output, invocation.signal);
    const statementTimeoutMs =
      flags.statementTimeout === undefined ? config.statementTimeoutMs : flags.statementTimeout * 1000;
    const { lockWaitMs, lockTimeoutMs, application } = config;
    const options = { ...settings, statementTimeoutMs };
    if (flags.idempotent !== undefined) {
      const run = { ...options, lockWaitMs, lockTimeoutMs, application };
      const found = await revgraph.verifyIdempotent({ ...run, revision: flags.idempotent });
      output.text(idempotenceText(found, output.paint));
      output.document(found);
      if (!found.idempotent) invocation.exitValue = revgraph.EXIT.failed;
      return;
    }
    const found = await revgraph.verify(options);
    output.text(verificationText(found, output.paint));
    output.document(found);
    if (!found.ok) invocation.exitValue = revgraph.EXIT.failed;
  },
});
