export class Ledger {
  constructor(path: string);
  readonly lastCycle: number;
  readonly outcomes: readonly object[];
  sent(cycle: number, user: string, item: string): void;
  acknowledged(cycle: number, user: string, item: string): void;
  ended(cycle: number, outcome: object): void;
  pairs(prefix: string): [string, boolean][];
}
