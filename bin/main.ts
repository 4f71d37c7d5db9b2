import yargs, { type Argv } from 'yargs';
import { LIBRARY_VERSION, RevgraphError } from '../lib/index.js';
import { declaredIn, type Family, type Invocation, toFamily, toModule, type Verb } from './command.js';
import { command as backfill } from './commands/backfill.js';
import { command as baseline } from './commands/baseline.js';
import { command as boot } from './commands/boot.js';
import { command as catalogue } from './commands/catalogue.js';
import { command as check } from './commands/check.js';
import { command as completion } from './commands/completion.js';
import { accept, forget, retry } from './commands/decisions.js';
import { command as doctor } from './commands/doctor.js';
import { command as downgrade, switchVerb, undo } from './commands/downgrade.js';
import { command as graph } from './commands/graph.js';
import { facts, identify } from './commands/identify.js';
import { command as init } from './commands/init.js';
import { bases, branches, heads, history, show } from './commands/list.js';
import { command as log } from './commands/log.js';
import { command as matrix } from './commands/matrix.js';
import { command as preflight } from './commands/preflight.js';
import { command as repair } from './commands/repair.js';
import { merge, revision, squash } from './commands/revision.js';
import { command as stamp } from './commands/stamp.js';
import { current, explain, status } from './commands/status.js';
import { command as upgrade } from './commands/upgrade.js';
import { command as verify } from './commands/verify.js';
import { PARSER_CONFIGURATION, withGlobals } from './globals.js';
import { unknownArguments } from './unknown.js';

const VERBS: readonly (Verb<never> | Family)[] = [
  init,
  revision,
  merge,
  baseline,
  squash,
  heads,
  bases,
  branches,
  history,
  graph,
  show,
  current,
  status,
  explain,
  log,
  preflight,
  upgrade,
  downgrade,
  undo,
  switchVerb,
  stamp,
  accept,
  forget,
  retry,
  check,
  identify,
  facts,
  doctor,
  repair,
  verify,
  boot,
  backfill,
  catalogue,
  matrix,
  completion,
];

/** Parses a command line with yargs, and runs the command. */
export async function runCommandLine(args: readonly string[], invocation: Invocation): Promise<void> {
  const parser: Argv = withGlobals(yargs([...args]))
    .scriptName('revgraph')
    .usage('revgraph <command>\n\nPostgreSQL migrations as a revision graph with merge points.')
    .version(LIBRARY_VERSION)
    // Everything else that is said is English.
    .detectLocale(false)
    .parserConfiguration(PARSER_CONFIGURATION)
    .recommendCommands()
    .strict()
    .demandCommand(1, 'No command was given.')
    .help()
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      const unknown = unknownArguments(message, args, declaredIn(parser));
      if (unknown !== null) throw unknown;
      // yargs gives its own complaints as a sentence, and what a command throws as the error.
      throw error === undefined || error.name === 'YError' ? usage(message, error) : error;
    });
  for (const verb of VERBS)
    parser.command('actions' in verb ? toFamily(verb, invocation) : toModule(verb as Verb, invocation));
  await (parser as Argv).parseAsync();
}

function usage(message: string | null, error: Error | undefined): RevgraphError {
  return new RevgraphError('usage', {
    message: message ?? error?.message ?? 'The command line is not valid.',
  });
}
