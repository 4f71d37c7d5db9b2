/** A dump of newer versions begins and ends with these commands of psql. */
const RESTRICT = /^\\(un)?restrict .*$/gm;

/** A statement as it ends in a file or a script: a comment at its end would swallow a semicolon on the same line. */
export const withSemicolon = (statement: string): string =>
  statement.includes('--') ? `${statement}\n;` : `${statement};`;

/** The text of a dump as a server takes it; its lines count as before. */
export const withoutRestrict = (dump: string): string => dump.replaceAll(RESTRICT, '');
