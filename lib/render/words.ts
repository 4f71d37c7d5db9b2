export { agree, counted, excerpt, list, seconds } from '../errors/words.js';
export { nearest } from '../graph/name.js';
