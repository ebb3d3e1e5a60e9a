/**
 * Reads a source as the processes do, and says how. Standard output has one JSON object: the largest memory
 * before and after, in bytes, and the refusal if there was one. Standard error has a line for each second of
 * waiting.
 */
const { decodeText, findEncoding, openSources, readText } = await import(process.env.DATASETS);

const [path, work] = process.argv.slice(2);
const peakBytes = () => process.resourceUsage().maxRSS * 1024;

async function run() {
  const { sources, dispose } = await openSources(path, {
    onSpooling: (progress) => process.stderr.write(`${JSON.stringify(progress)}\n`),
  });
  try {
    for (const source of sources) await WORK[work](source);
  } finally {
    await dispose();
  }
}
const WORK = {
  lines: async (source) => count(readText(source, await findEncoding(source))),
  text: async (source) => count(decodeText(source, await findEncoding(source))),
};
async function count(pieces) {
  for await (const _ of pieces);
}

await import('node:zlib');
const before = peakBytes();
const refusal = await run().then(
  () => null,
  (error) => `${error.code} ${error.message}`,
);
process.stdout.write(JSON.stringify({ before, after: peakBytes(), refusal }));
