import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { CHUNK_BYTES, chunksOf, readChunks } from './chunks.js';

const chunksArbitrary: fc.Arbitrary<Uint8Array[]> = fc.array(fc.uint8Array({ minLength: 1, maxLength: 9 }), {
  minLength: 1,
  maxLength: 6,
});

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
}

function describeArtifact(bytes: Uint8Array) {
  return { artifactBytes: bytes.length, artifactChecksum: crc32(bytes) };
}

/** Reads chunks that are stored in place of those of an artifact. */
async function read(written: Uint8Array, stored: readonly Uint8Array[]) {
  const kept = new Uint8Array(written.length);
  let numRead = 0;
  const isRight = await readChunks(
    describeArtifact(written),
    (position) => {
      numRead++;
      return Promise.resolve(stored[position] ?? null);
    },
    (chunk, offset) => kept.set(chunk, offset),
  );
  return { isRight, kept, numRead };
}

describe('chunks of an artifact', () => {
  it('are right when they are what was written, wherever they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(chunksArbitrary, async (chunks) => {
        const written = joined(chunks);
        const all = { isRight: true, kept: written, numRead: chunks.length };
        expect(await read(written, chunks)).toEqual(all);
      }),
      { seed: 7 },
    );
  });

  it.each([
    [0, []],
    [1, [1]],
    [CHUNK_BYTES, [CHUNK_BYTES]],
    [CHUNK_BYTES + 1, [CHUNK_BYTES, 1]],
  ])('are all of %d bytes, cut as late as may be', (length, sizes) => {
    const written = new Uint8Array(length).fill(7).fill(8, length - 1);
    const chunks = [...chunksOf(written)];
    expect(chunks.map(({ bytes }) => bytes.length)).toEqual(sizes);
    expect(chunks.map(({ position }) => position)).toEqual([...sizes.keys()]);
    expect(Buffer.concat(chunks.map(({ bytes }) => bytes)).equals(written)).toBe(true);
  });

  it('are not right when one of them is changed, missing, cut or too long', async () => {
    await fc.assert(
      fc.asyncProperty(
        chunksArbitrary,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (chunks, n, bits) => {
          const at = n % chunks.length;
          const chunk = chunks[at]!;
          const changed = chunk.map((byte, place) => (place === n % chunk.length ? byte ^ bits : byte));
          const others = [changed, chunk.subarray(1), joined([chunk, Uint8Array.of(bits)])];
          const stored = others.map((other) => chunks.with(at, other));
          for (const instead of [...stored, chunks.toSpliced(at, 1)])
            expect((await read(joined(chunks), instead)).isRight).toBe(false);
        },
      ),
      { seed: 8 },
    );
  });

  it('are read no further than the artifact is long', async () => {
    const written = Uint8Array.of(1, 2, 3);
    expect(await read(written, [written, written])).toMatchObject({ isRight: true, numRead: 1 });
    expect(await read(written, [new Uint8Array()])).toMatchObject({ isRight: false, numRead: 1 });
  });
});
