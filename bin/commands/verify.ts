import type { Argv } from 'yargs';
import * as revgraph from '../../lib/index.js';
import { idempotenceText, verificationText } from '../../lib/render/verification.js';
import { define } from '../command.js';
import { flag } from '../flags.js';
import { databaseAndConfig } from '../settings.js';

export const command = define<{ idempotent?: string | undefined; statementTimeout?: number | undefined }>({
  command: 'verify',
  describe: 'Run the @verify checks of applied revisions, and the checks of the configuration',
  builder: (yargs: Argv) =>
    yargs
      .option('idempotent', flag(revgraph.OPTIONS.verifyIdempotent.revision))
      .option('statement-timeout', flag(revgraph.OPTIONS.verify.statementTimeoutMs)),
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
      output.document('verify', found);
      if (!found.idempotent) invocation.exitValue = revgraph.EXIT.failed;
      return;
    }
    const found = await revgraph.verify(options);
    output.text(verificationText(found, output.paint));
    output.document('verify', found);
    if (!found.ok) invocation.exitValue = revgraph.EXIT.failed;
  },
});
