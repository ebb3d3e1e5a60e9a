/** V8 copies texts up to this length; a longer one that is cut out of another keeps all of it in memory. */
const LONGEST_COPIED = 12;

/** The same text, which keeps no other in memory: for what is kept of a text that was read in pieces. */
export function ownText(text: string): string {
  return text.length > LONGEST_COPIED ? Buffer.from(text, 'utf16le').toString('utf16le') : text;
}
