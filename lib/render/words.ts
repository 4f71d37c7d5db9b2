export { printable } from '../errors/printable.js';
export { agree, counted, excerpt, factsDiffer, list, seconds, shellWord } from '../errors/words.js';
export { nearest } from '../graph/name.js';
