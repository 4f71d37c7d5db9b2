/*
 * Loaded before a program (`node --import`): at its end, tells whoever started it, on a third stream, the most memory it
 * ever held, in MB. What getrusage says counts the process it was forked from as well, so Linux is asked first.
 */
import { readFileSync, writeSync } from 'node:fs';

function peak() {
  try {
    return Number(/^VmHWM:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
  } catch {
    return process.resourceUsage().maxRSS / 1024;
  }
}

process.on('exit', () => writeSync(3, `${peak()}`));
