/** Tests run the source, but a thread needs compiled code: the build's. */
const SERVING = new URL(
  import.meta.url.endsWith('.ts') ? '../../../../../dist/apps/api/src/serving/' : '../',
  import.meta.url,
);

/** @param path of the script, from this folder's parent: `scoring/scoring-thread.js` */
export function threadScript(path: string): URL {
  return new URL(path, SERVING);
}
