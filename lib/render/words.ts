export { agree, counted, excerpt, factsDiffer, list, seconds } from '../errors/words.js';
export { nearest } from '../graph/name.js';
