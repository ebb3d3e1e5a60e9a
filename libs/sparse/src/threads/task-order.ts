/** Which places a step reads and which one it writes. */
export interface Access {
  readonly reads: readonly number[];
  readonly writes: number;
}

/**
 * For each step of a sequential program the earlier steps that it must follow for the same result
 * in any other order: the last one that wrote what it reads or writes, and those that have read
 * what it writes since then.
 */
export function dependenciesOf(steps: readonly Access[]): number[][] {
  const lastWriter = new Map<number, number>();
  const readers = new Map<number, number[]>();
  return steps.map(({ reads, writes }, position) => {
    const after = new Set<number>(readers.get(writes));
    for (const place of [...reads, writes]) {
      const writer = lastWriter.get(place);
      if (writer !== undefined) after.add(writer);
    }
    for (const place of reads) {
      const others = readers.get(place);
      if (others) others.push(position);
      else readers.set(place, [position]);
    }
    lastWriter.set(writes, position);
    readers.delete(writes);
    after.delete(position);
    return [...after];
  });
}
