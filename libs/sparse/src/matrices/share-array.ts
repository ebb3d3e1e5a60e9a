/** The same numbers in memory that threads share: those given where they are there already, else a copy. */
export function shareArray<Numbers extends Uint32Array | Float32Array | Int8Array | Uint8Array>(
  numbers: Numbers,
): Numbers {
  if (numbers.buffer instanceof SharedArrayBuffer) return numbers;
  const type = numbers.constructor as new (buffer: SharedArrayBuffer) => Numbers;
  const copy = new type(new SharedArrayBuffer(numbers.byteLength));
  copy.set(numbers);
  return copy;
}
