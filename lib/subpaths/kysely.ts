/** Kysely on the connection of a step. Needs the package `kysely`. */
export { kysely } from '../builders/kysely.js';
