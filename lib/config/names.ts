import { nearest } from '../graph/name.js';

/** What is said of a name that is no option, with the one that was meant. */
export function unknownText(name: string, known: readonly string[]): string {
  const [close] = nearest(name, known);
  return close === undefined ? 'is no option' : `is no option; did you mean ${close}?`;
}

/** `v1.0.0` and `1.0.0` are one release. */
export const bareVersion = (release: string): string => release.replace(/^v/, '');
