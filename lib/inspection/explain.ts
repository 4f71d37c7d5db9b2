import { type Opened, withDatabase } from '../access/open.js';
import { readAttempts } from '../database/tables/attempts.js';
import { RevgraphError } from '../errors/error.js';
import { explainGone } from './explain-gone.js';
import type { ExplainOptions, Explanation } from './explanation.js';
import { findingsOn } from './findings.js';
import { logEntryOf } from './log-entry.js';
import { namesOf, recordedName } from './recorded-name.js';
import { stateOfRevision, wayOn } from './way-on.js';
import { ranText, whyOf } from './why.js';

/** More entries about one revision than stamps that follow each other. */
const READ = 20;

/** See `explain`. */
export async function explainOf(options: ExplainOptions): Promise<Explanation> {
  return withDatabase(options, async (opened) => {
    const { graph } = opened.project;
    const asked = await recordedName(opened, options.revision, options.releases);
    if (asked === 'base')
      throw new RevgraphError('bad_target', { target: options.revision, reason: 'it names no revision' });
    const id = graph.today(asked);
    const about = await entriesAbout(opened, asked);
    if (id === undefined) return explainGone(opened, asked, about[0] ?? null);
    const today = id === asked ? about : await entriesAbout(opened, id);
    const findings = await findingsOn(opened, id, today, options);
    const state = stateOfRevision(findings);
    const { next, says } = wayOn(findings, state);
    const isSquashed = graph.squashes.get(id)?.includes(asked) === true;
    const former =
      id === asked
        ? []
        : isSquashed
          ? [
              `${asked} is one of the revisions whose place the squash ${id} took (@replaces).`,
              ...ranText(about[0] ?? null),
            ]
          : [`${asked} is a former name of ${id} (@formerly).`];
    return {
      revision: asked,
      state: id === asked ? state : isSquashed ? 'squashed' : 'renamed',
      today: id === asked ? null : id,
      why: [...former, ...whyOf(findings, state), ...says],
      next,
      on: graph.parentsOf(id),
      above: findings.above,
      lastEntry: about[0] ?? null,
      heldBy: findings.heldBy.length === 0 ? null : findings.heldBy,
      database: opened.session.label,
    };
  });
}

async function entriesAbout({ session, table, project }: Opened, id: string) {
  const revisions = namesOf(project.graph, id);
  const found = await readAttempts(session, table, { revisions, limit: READ });
  return found?.map(logEntryOf) ?? [];
}
