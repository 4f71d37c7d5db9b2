import { createInterface } from 'node:readline/promises';
import { isRevgraphError, RevgraphError } from '../lib/index.js';
import { printable } from '../lib/render/words.js';
import type { Output } from './output.js';

/** True on a terminal, where a question can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * A question that only y or yes answers with yes; the end of the input is a no.
 * @throws `aborted` on Ctrl-C
 */
export async function ask(question: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new AbortController();
  let interrupted = false;
  prompt.once('SIGINT', () => {
    interrupted = true;
    prompt.close();
  });
  prompt.once('close', () => ended.abort());
  try {
    const answer = await prompt.question(`${printable(question)} [y/N] `, { signal: ended.signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    process.stderr.write('\n');
    if (interrupted)
      throw new RevgraphError('aborted', { during: 'at the question', applied: [], remaining: [] });
    return false;
  } finally {
    prompt.close();
  }
}

/** Does what may need a confirmation; on a terminal it is asked for, elsewhere only `--yes` gives it. */
export async function withConfirmation<T>(
  act: (confirmed: boolean) => Promise<T>,
  { yes, question, output }: { yes: boolean | undefined; question: string; output: Output },
): Promise<T> {
  try {
    return await act(yes === true);
  } catch (error) {
    if (!isRevgraphError(error, 'confirmation_needed') || !canAsk()) throw error;
    output.aside(error.message);
    if (!(await ask(question))) throw error;
    return act(true);
  }
}
