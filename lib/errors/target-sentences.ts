import { didYouMean, type Sentences } from './sentence.js';
import { list } from './words.js';

/** Sentences of what goes wrong with targets and rows, before anything runs. */
export const TARGET_SENTENCES = {
  unknown_revision: ({ name, suggestions }) => ({
    message: `No revision, label or prefix matches ${JSON.stringify(name)}.`,
    hint: didYouMean(suggestions).hint ?? 'See `revgraph history` for the ids.',
  }),
  unknown_branch: ({ name, suggestions }) => ({
    message: `No label or revision matches ${JSON.stringify(name)} before the @.`,
    hint: didYouMean(suggestions).hint ?? 'See `revgraph branches` and `revgraph heads` for labels.',
  }),
  ambiguous_prefix: ({ prefix, matches }) => ({
    message: `${JSON.stringify(prefix)} is the start of several revisions: ${list(matches)}.`,
    hint: 'Type more characters of the one that is meant.',
  }),
  not_in_branch: ({ branch, revision }) => ({
    message: `Revision ${revision} is not on the line of ${branch}.`,
    hint: `Leave out ${branch}@, or see \`revgraph history\`.`,
  }),
  multiple_heads: ({ target, heads }) => ({
    message: `${JSON.stringify(target)} is not one revision, there are ${heads.length} heads: ${list(heads)}.`,
    hint: 'Name one of them, use "heads" for all, or join them with `revgraph merge heads -m "merge"`.',
  }),
  overlapping_requested: ({ revision, overlaps, where }) =>
    where === 'target'
      ? { message: `${revision} already includes ${list(overlaps)}.`, hint: 'Name only the later one.' }
      : {
          message: `The version table holds ${revision} and also ${list(overlaps)}, which it includes.`,
          hint: `If ${revision} is right, \`revgraph stamp ${revision}\` leaves that row alone.`,
        },
  not_an_ancestor: ({ target, of }) => ({
    message: `${JSON.stringify(target)} is not an ancestor of ${of.length === 0 ? 'an empty database' : list(of)} in history.`,
    hint: 'See `revgraph current` and `revgraph history`.',
  }),
  not_a_downgrade_target: ({ target, branch }) => ({
    message: `${JSON.stringify(target)} is no downgrade target on the line of ${branch}: nothing on that line comes after it.`,
    hint: 'See `revgraph history`.',
  }),
  relative_out_of_range: ({ target, reason }) => ({
    message: `${JSON.stringify(target)} leads nowhere: ${reason}.`,
  }),
  ambiguous_walk: ({ target, from, choices }) => ({
    message: `${JSON.stringify(target)} is not one revision: from ${from} there are several ways, ${list(choices)}.`,
    hint: 'Name the revision that is meant.',
  }),
  ambiguous_upgrade: ({ target, current }) => ({
    message: `${JSON.stringify(target)} is not one revision: the database holds ${list(current)}.`,
    hint: 'Name the revision that is meant, or LABEL@+N.',
  }),
  bad_range: ({ range }) => ({
    message: `${JSON.stringify(range)} is not a range.`,
    hint: 'A range is A:B, A: or :B.',
  }),
  bad_target: ({ target, reason }) => ({
    message: `${JSON.stringify(target) ?? String(target)} is not a target: ${reason}.`,
    hint: 'Targets: id, prefix, head, heads, base, current, label@head, +2, -1, id+1, id-2.',
  }),
  not_a_head: ({ revision, heads }) => ({
    message: `${revision} is not a head; the heads are ${list(heads)}.`,
    hint: 'Use --splice to start a new branch there.',
  }),
  duplicate_heads: ({ revision }) => ({
    message: `${revision} is named twice.`,
    hint: 'Name each head once.',
  }),
  nothing_to_merge: ({ heads }) => ({
    message:
      heads.length === 0
        ? 'There is no revision to merge.'
        : `There is nothing to merge: ${list(heads)} is the only head.`,
    hint: 'See `revgraph heads`.',
  }),
  unknown_row: ({ rows, table }) => ({
    message: `The database is at ${list(rows)} (table ${table}), which is in none of these revisions.`,
    hint: 'The database is ahead of this code, or these are not its revisions: deploy the code that has them, or check --revisions. A table of another tool is passed over with --version-table revgraph_version.',
  }),
  unknown_release: ({ release, releases }) => ({
    message: `There is no release ${release}${releases.length === 0 ? ': none are configured' : `; there are ${list(releases)}`}.`,
    hint: 'Releases stand under `releases` in the configuration, version → revision.',
  }),
  release_invalid: ({ release, revision, suggestions }) => ({
    message: `Release ${release} ends in ${revision}, which is in none of these revisions.`,
    hint:
      suggestions.length === 0
        ? 'Mend `releases` in the configuration.'
        : `Did you mean ${list(suggestions)}?`,
  }),
  below_minimum: ({ rows, release, minimum, revisions }) => ({
    message: `The database is at ${list(rows)}${release === null ? '' : ` (release ${release})`}, older than release ${minimum} (${list(revisions)}), the oldest that this code upgrades. Nothing was run.`,
    hint: `Upgrade it to ${minimum} with an older version of the product first.`,
  }),
  row_count_mismatch: ({ table, expected, found }) => ({
    message: `Table ${table} changed while it was used: expected ${list(expected) || 'no rows'}, found ${list(found) || 'no rows'}.`,
    hint: 'Somebody else writes this table without the lock. See `revgraph current`, then run again.',
  }),
} satisfies Partial<Sentences>;
