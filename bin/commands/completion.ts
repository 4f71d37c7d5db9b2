import type { Argv } from 'yargs';
import { define } from '../command.js';

/** What a shell does for the words typed so far: it asks the command itself. */
const SCRIPTS = {
  bash: `_revgraph() {
  mapfile -t COMPREPLY < <(compgen -W "$(revgraph --get-yargs-completions "\${COMP_WORDS[@]}")" -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F _revgraph revgraph`,
  zsh: `#compdef revgraph
_revgraph() {
  local -a found
  found=("\${(@f)$(SHELL=zsh revgraph --get-yargs-completions "\${words[@]}")}")
  _describe 'revgraph' found
}
compdef _revgraph revgraph`,
  fish: `complete -c revgraph -f -a '(SHELL=fish revgraph --get-yargs-completions (commandline -opc) (commandline -ct))'`,
} as const;

const SHELLS = Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[];

export const command = define<{ shell: keyof typeof SCRIPTS }>({
  command: 'completion <shell>',
  describe: 'Print what makes a shell complete commands and options',
  builder: (yargs: Argv) =>
    yargs.positional('shell', { choices: SHELLS, demandOption: true, describe: 'The shell that you use' }),
  run: async ({ shell }, output) => {
    output.exact(SCRIPTS[shell]);
    output.document('completion', { shell, script: SCRIPTS[shell] });
  },
});
