import { TurnTaking } from '#domain';

/**
 * Works on at most `width` inputs at once and gives the results in their order. No more is begun
 * than is asked for.
 *
 * @param work never rejects
 */
export async function* inOrder<Input, Output>(
  inputs: readonly Input[],
  width: number,
  work: (input: Input, index: number) => Promise<Output>,
): AsyncGenerator<Output> {
  const turns = new TurnTaking();
  const running: Promise<Output>[] = [];
  for (const [index, input] of inputs.entries()) {
    await turns.pause();
    running.push(work(input, index));
    if (running.length === width) yield (await running.shift())!;
  }
  while (running.length > 0) yield (await running.shift())!;
}
