/* The floor for anything that has to look at every revision file: opens each one and reads its first 2 KB. */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
const buffer = Buffer.alloc(2048);
let files = 0;
for (const name of readdirSync(folder)) {
  const file = openSync(join(folder, name), 'r');
  readSync(file, buffer, 0, buffer.length, 0);
  closeSync(file);
  files++;
}
console.log(files);
