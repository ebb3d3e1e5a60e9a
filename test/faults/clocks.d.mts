export function findFaketime(): string | null;

export class Clocks {
  constructor(folder: string);
  environmentOf(name: string): Record<string, string>;
  step(name: string, seconds: number, read: () => Promise<number>): Promise<void>;
}
