import { didYouMean, olderProduct, type Sentences } from './sentence.js';
import { unknownRow } from './unknown-row.js';
import { list } from './words.js';

/** Messages and hints for errors of targets and rows, found before anything runs. */
export const TARGET_SENTENCES = {
  unknown_revision: ({ name, suggestions }) => ({
    message: `No revision, label or prefix matches ${JSON.stringify(name)}.`,
    hint: didYouMean(suggestions).hint ?? 'See the ids with `revgraph history`.',
  }),
  unknown_branch: ({ name, suggestions }) => ({
    message: `No label or revision matches ${JSON.stringify(name)} before the @.`,
    hint: didYouMean(suggestions).hint ?? 'See the labels with `revgraph branches` and `revgraph heads`.',
  }),
  ambiguous_prefix: ({ prefix, matches }) => ({
    message: `${JSON.stringify(prefix)} matches several revisions: ${list(matches)}.`,
    hint: 'Type more characters of the id.',
  }),
  squashed_away: ({ name, squash, last, release }) => ({
    message: `${release === undefined ? '' : `Release ${release} ends in ${name}. `}${name} is a part of the squash ${squash}, which reaches up to ${last}: no database can be brought to it, or said to be at it, any more.`,
    hint: `Name ${squash}, or use a version of the product that still has ${name}.`,
  }),
  prefix_too_short: ({ prefix, matches }) => ({
    message: `A prefix has at least four characters. ${JSON.stringify(prefix)} would have meant ${list(matches)}.`,
    hint: matches.length === 1 ? `Type ${matches[0]}.` : 'Type more characters of the id.',
  }),
  not_in_branch: ({ branch, revision }) => ({
    message: `Revision ${revision} is not on the branch ${branch}.`,
    hint: `Omit ${branch}@, or see \`revgraph history\`.`,
  }),
  multiple_heads: ({ target, heads }) => ({
    message: `${JSON.stringify(target)} is not unique. There are ${heads.length} heads: ${list(heads)}.`,
    hint: 'Name one head, use "heads" for all, or merge them with `revgraph merge heads -m "merge"`.',
  }),
  overlapping_requested: ({ revision, overlaps, where }) =>
    where === 'target'
      ? { message: `${revision} already includes ${list(overlaps)}.`, hint: 'Name only the later revision.' }
      : {
          message: `The version table has ${revision} and also ${list(overlaps)}, which ${revision} includes.`,
          hint: `If ${revision} is right, run \`revgraph stamp ${revision}\` to keep only that row.`,
        },
  not_an_ancestor: ({ target, of }) => ({
    message: `${JSON.stringify(target)} is not an ancestor of ${of.length === 0 ? 'an empty database' : list(of)}.`,
    hint: 'See `revgraph current` and `revgraph history`.',
  }),
  not_a_downgrade_target: ({ target, branch }) => ({
    message: `${JSON.stringify(target)} is not a downgrade target on the branch ${branch}: nothing on that branch comes after it.`,
    hint: 'See `revgraph history`.',
  }),
  relative_out_of_range: ({ target, reason }) => ({
    message: `${JSON.stringify(target)} is out of range: ${reason}.`,
  }),
  ambiguous_walk: ({ target, from, choices }) => ({
    message: `${JSON.stringify(target)} is ambiguous: from ${from} there are several paths, ${list(choices)}.`,
    hint: 'Name the revision.',
  }),
  ambiguous_upgrade: ({ target, current }) => ({
    message: `${JSON.stringify(target)} is ambiguous: the database is at ${list(current)}.`,
    hint: 'Name the revision, or use LABEL@+N.',
  }),
  bad_range: ({ range }) => ({
    message: `${JSON.stringify(range)} is not a range.`,
    hint: 'Write A:B, A: or :B.',
  }),
  bad_target: ({ target, reason, goesDown }) => ({
    message: `${JSON.stringify(target) ?? String(target)} is not a target: ${reason}.`,
    hint:
      goesDown === true
        ? `To go down to it, run \`revgraph downgrade ${target}\`.`
        : 'Use an id, a prefix, head, heads, base, current, label@head, +2, -1, id+1 or id-2.',
  }),
  not_a_head: ({ revision, heads }) => ({
    message: `${revision} is not a head. The heads are ${list(heads)}.`,
    hint: 'Start a new branch there with --splice.',
  }),
  duplicate_heads: ({ revision }) => ({
    message: `${revision} is named twice.`,
    hint: 'Name each head once.',
  }),
  nothing_to_merge: ({ heads }) => ({
    message:
      heads.length === 0
        ? 'There are no revisions to merge.'
        : `Nothing to merge: ${list(heads)} is the only head.`,
    hint: 'See `revgraph heads`.',
  }),
  unknown_row: unknownRow,
  incompatible: ({ revision, breaksBefore, release }) => ({
    message: `The database has ${revision}, which code before ${breaksBefore} does not run on; this code ${release === null ? 'does not say which release it is' : `is ${release}`}.`,
    hint: `Deploy ${breaksBefore} or newer, or take ${revision} back with the code that has it.${release === null ? ' `releases` in the configuration says which release this code is.' : ''}`,
  }),
  edited_revisions: ({ edited }) => ({
    message: `${edited.length === 1 ? 'A revision was' : 'Revisions were'} edited after ${edited.length === 1 ? 'it' : 'they'} ran on this database: ${list(edited)}. Its schema is that of the earlier text.`,
    hint: `Put the change into a new revision. If it is meant, record that with \`revgraph accept ${edited[0]} --reason "…"\`.`,
  }),
  nothing_to_accept: ({ revision }) => ({
    message: `${revision} is neither edited nor missed on this database, so there is nothing to accept.`,
    hint: `See what it is with \`revgraph status\`.`,
  }),
  not_unknown: ({ revision, unknown }) => ({
    message: `${revision} is not a row that these files lack.${unknown.length === 0 ? ' The version table has no row that they lack.' : ''}`,
    hint:
      unknown.length === 0
        ? 'To move rows of revisions that are there, use `revgraph stamp`.'
        : `Rows that no file has: ${list(unknown)}.`,
  }),
  below_squash: ({ rows, squash, ran, missing, release, gone = [] }) => ({
    message: `The database is at ${list(rows) || 'base'}, below the squash ${squash}: of the revisions whose place it took, ${list(ran)} ran here and ${list(missing)} did not. Nothing was run.`,
    hint: `First upgrade it with ${olderProduct(release)}, up to ${missing.at(-1) ?? squash}.${
      gone.length === 0
        ? ''
        : ` If ${missing.length === 1 ? 'it' : 'one of them'} ran here under another name (no file has ${list(gone)}), write that into \`@replaces\` instead.`
    }`,
  }),
  unknown_release: ({ release, releases }) => ({
    message: `Release ${release} does not exist. ${releases.length === 0 ? 'No releases are configured' : `The releases are ${list(releases)}`}.`,
    hint: 'Configure releases under `releases`, version → revision.',
  }),
  release_invalid: ({ release, revision, suggestions }) => ({
    message: `Release ${release} is at ${revision}, which is not one of these revisions.`,
    hint:
      suggestions.length === 0
        ? 'Fix `releases` in the configuration.'
        : `Did you mean ${list(suggestions)}?`,
  }),
  below_minimum: ({ rows, release, minimum, revisions }) => ({
    message: `The database is at ${list(rows)}${release === null ? '' : ` (release ${release})`}. The oldest release that this code upgrades is ${minimum} (${list(revisions)}). Nothing was run.`,
    hint: `First upgrade it to ${minimum} with an older version of the product.`,
  }),
  row_count_mismatch: ({ table, expected, found }) => ({
    message: `Table ${table} changed during the run: expected ${list(expected) || 'no rows'}, found ${list(found) || 'no rows'}.`,
    hint: 'Another session, a trigger, a rule or row security changed this table. See `revgraph current`, then run again.',
  }),
} satisfies Partial<Sentences>;
