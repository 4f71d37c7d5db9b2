import type { Problem } from './problem.js';
import { list } from './words.js';

/** How many ids of a long cycle are shown at either end. */
const RING_SHOWN = 12;

const at = (file?: string, line?: number): string =>
  file === undefined ? '' : ` (${line === undefined ? file : `${file}:${line}`})`;

/** `a → b → a`. Of a long cycle, only the beginning and the end: the details have all of it. */
function ring(ids: readonly string[]): string {
  if (ids.length <= 2 * RING_SHOWN) return [...ids, ids[0]].join(' → ');
  const between = `(${ids.length - 2 * RING_SHOWN} more)`;
  return [...ids.slice(0, RING_SHOWN), between, ...ids.slice(-RING_SHOWN), ids[0]].join(' → ');
}

/** One problem of a graph as a sentence: which revision, what is wrong, in which file. */
export function problemSentence(problem: Problem): string {
  switch (problem.code) {
    case 'duplicate_revision':
      return `revision ${problem.revision} is defined in more than one file: ${list(problem.files)}`;
    case 'missing_revision':
      return `${problem.revision} revises ${problem.missing}, which is in no file${at(problem.file)}${suggested(problem.suggestions)}`;
    case 'missing_dependency':
      return `${problem.revision} depends on ${problem.missing}, which is in no file${at(problem.file)}${suggested(problem.suggestions)}`;
    case 'ambiguous_dependency':
      return `${problem.revision} depends on ${problem.name}, which matches several revisions: ${list(problem.matches)}${at(problem.file)}`;
    case 'self_loop':
      return `${problem.revision} revises itself${at(problem.file)}`;
    case 'dependency_self_loop':
      return `${problem.revision} depends on itself${at(problem.file)}`;
    case 'cycle':
      return `these revisions form a cycle, each revising the next: ${ring(problem.ring)}`;
    case 'dependency_cycle':
      return `these revisions form a cycle through what they revise and depend on: ${ring(problem.ring)}`;
    case 'label_conflict':
      return `label ${problem.label} is used more than once or is also a revision id: ${list(problem.revisions)}${problem.files.length === 0 ? '' : ` (${list(problem.files)})`}`;
    case 'former_id_taken':
      return `${problem.name} is a former id (@formerly, @replaces) of ${problem.revisions[0]}, and means ${problem.revisions[1]} as well: delete the old file, or the tag${problem.files.length === 0 ? '' : ` (${list(problem.files)})`}`;
    case 'illegal_label':
      return `label ${JSON.stringify(problem.label)} of ${problem.revision} is reserved or has characters that targets use${at(problem.file)}`;
    case 'illegal_revision_id':
      return `${JSON.stringify(problem.revision)} is not a valid revision id: use 1 to 64 letters, digits, underscores and dots${at(problem.file, problem.line)}`;
    case 'reserved_id':
      return `${problem.revision} is a reserved word of targets and can't be a revision id${at(problem.file, problem.line)}`;
    case 'unreadable_file':
      return `${problem.file} can't be read: ${problem.reason}`;
    case 'bad_header':
      return `${problem.file}:${problem.line}: ${problem.message}${problem.hint === undefined ? '' : `. ${problem.hint}`}`;
    default:
      return problem satisfies never;
  }
}

function suggested(suggestions: readonly string[]): string {
  return suggestions.length === 0 ? '' : `; did you mean ${suggestions.join(' or ')}?`;
}
