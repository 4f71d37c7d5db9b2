/** Text without what looks like a password: of a command line, of what it prints, of a URL in it. */
export function redacted(text: string): string {
  return text
    .replace(/(:\/\/[^\s:/@]*):[^\s@]*@/g, '$1:…@')
    .replace(
      /((?:pass(?:word|wd|phrase)?|pwd|secret|token|key)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s"',;]+)/gi,
      '$1…',
    )
    .replace(/(--(?:password|token|secret)\s+)\S+/gi, '$1…');
}
