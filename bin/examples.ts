type Example = readonly [line: string, what: string];

/** What help shows below the options of a command: lines that can be typed, and what they are for. */
export const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  init: [
    ['revgraph init', 'a configuration and ./revisions'],
    ['revgraph init db/revisions', 'another folder'],
  ],
  revision: [
    ['revgraph revision -m "add orders"', 'on top of the head'],
    ['revgraph revision -m "add shop" --head base --label shop', 'a line of its own'],
  ],
  merge: [
    ['revgraph merge -m "join orders and shop"', 'of all heads'],
    ['revgraph merge a1b2 c3d4 -m "join two"', 'of two of them'],
  ],
  baseline: [
    ['revgraph baseline -m "what production has"', 'from the database of the URL'],
    ['revgraph baseline -m "v1" --dump v1.sql --dry-run', 'from a dump, proven, not written'],
  ],
  squash: [
    ['revgraph squash v1.0.24 --dry-run', 'what it would be, proven'],
    ['revgraph squash a1:c3 -m "2024"', 'the revisions from a1 to c3'],
  ],
  heads: [
    ['revgraph heads', 'where a finished upgrade ends'],
    ['revgraph heads --json', 'for a script'],
  ],
  bases: [
    ['revgraph bases', 'where lines begin'],
    ['revgraph bases --json', 'for a script'],
  ],
  branches: [
    ['revgraph branches', 'where lines part'],
    ['revgraph branches --json', 'for a script'],
  ],
  history: [
    ['revgraph history -r current:head', 'pending revisions'],
    ['revgraph history --graph', 'the whole graph, in 80 columns'],
  ],
  graph: [
    ['revgraph graph --format html -o graph.html', 'a page that needs no network'],
    ['revgraph graph v1.4.0 --format mermaid', 'what an upgrade to v1.4.0 would run is marked'],
  ],
  show: [
    ['revgraph show head', 'its parents, file and facts'],
    ['revgraph show current', 'what the database has'],
  ],
  current: [
    ['revgraph current', 'the rows of the version table'],
    ['revgraph current --json', 'for a script'],
  ],
  status: [
    ['revgraph status', 'the state, and what is pending'],
    ['revgraph status --exit-code', 'in a script: 5 unless it is current'],
  ],
  explain: [
    ['revgraph explain a1b2', 'why it is pending, held, missed or edited'],
    ['revgraph explain v1.4.0', 'the revision of a release'],
  ],
  log: [
    ['revgraph log a1b2', 'what happened to a revision'],
    ['revgraph log --outcome failed --since 7d', 'what failed in the last seven days'],
  ],
  preflight: [
    ['revgraph preflight', 'check `revgraph upgrade`'],
    ['revgraph preflight --downgrade -1', 'check `revgraph downgrade -1`'],
  ],
  upgrade: [
    ['revgraph upgrade', 'all pending revisions'],
    ['revgraph upgrade +1', 'the next revision'],
    ['revgraph upgrade base:head --sql', 'print a script, without a database'],
  ],
  downgrade: [
    ['revgraph downgrade -1', 'the last revision'],
    ['revgraph downgrade v1.4.0 --dry-run', 'what going back to a release would undo'],
  ],
  undo: [
    ['revgraph undo a1b2', 'this one, and what stands on it'],
    ['revgraph undo a1b2 --sql', 'print a script'],
  ],
  switch: [
    ['git switch feature && revgraph switch', 'the database follows the branch'],
    ['revgraph switch --dry-run', 'what would go down, and what up'],
  ],
  stamp: [
    ['revgraph stamp --auto', 'what the schema proves, and no more'],
    ['revgraph stamp v1.0.6 --dry-run', 'what a stamp by word would forget and claim'],
  ],
  accept: [
    ['revgraph accept a1b2 --reason "a comment only"', 'an edited revision is meant as it is'],
    ['revgraph accept a1b2 --reason "done by hand" --dry-run', 'what that would write down'],
  ],
  forget: [
    ['revgraph forget a1b2 --reason "that plugin is gone"', 'its row goes'],
    ['revgraph forget a1b2 --reason "that plugin is gone" --dry-run', 'what that would leave'],
  ],
  retry: [
    ['revgraph retry a1b2', 'a revision that is parked may run again'],
    ['revgraph retry a1b2 --done --reason "the index is there"', 'the statement in doubt was finished'],
  ],
  check: [
    ['revgraph check --base origin/main', 'what a merge would bring'],
    ['revgraph check --against "$DATABASE_URL" --release 1.4.0', 'before a rollback to 1.4.0'],
  ],
  identify: [
    ['revgraph identify', 'which revisions a database really has'],
    ['revgraph identify --json', 'with the evidence of each'],
  ],
  facts: [
    ['revgraph facts > production.facts', 'the schema as lines, without data'],
    ['revgraph facts --json', 'for a script'],
  ],
  doctor: [
    ['revgraph doctor', 'the version table, held against the schema'],
    ['revgraph doctor --json', 'each finding with its facts'],
  ],
  repair: [
    ['revgraph repair --dry-run', 'what never ran, and what would run'],
    ['revgraph repair', 'runs exactly that'],
  ],
  verify: [
    ['revgraph verify', 'the checks of all applied revisions'],
    ['revgraph verify --idempotent a1b2', 'whether it may run twice'],
  ],
  boot: [
    ['revgraph boot', 'what a service does when it starts'],
    ['revgraph boot --policy verify', 'refuse unless the database is current'],
  ],
  backfill: [
    ['revgraph backfill status', 'what waits, and how far it is'],
    ['revgraph backfill work --connections 4', 'work on it'],
  ],
  catalogue: [
    ['revgraph catalogue build', 'after a revision was written'],
    ['revgraph catalogue check', 'in CI: exit 5 if it is stale'],
  ],
  completion: [
    ['revgraph completion bash >> ~/.bashrc', 'for bash'],
    ['revgraph completion fish > ~/.config/fish/completions/revgraph.fish', 'for fish'],
  ],
  matrix: [
    ['revgraph matrix', 'every upgrade path'],
    ['revgraph matrix --start v1.0.6 v1.0.24', 'only two starts'],
  ],
};
