/** Drizzle on the connection of a step. Needs the package `drizzle-orm`. */
export { drizzle } from '../builders/drizzle.js';
