/** A dump of newer versions begins and ends with these commands of psql. */
const RESTRICT = /^\\(un)?restrict .*$/gm;

/** The text of a dump as a server takes it; its lines count as before. */
export const withoutRestrict = (dump: string): string => dump.replaceAll(RESTRICT, '');
