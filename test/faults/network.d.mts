export class Network {
  static create(): Network;
  readonly address: string;
  command(command: readonly string[]): [string, ...string[]];
  lose(percent: number): void;
  heal(): number;
  remove(): void;
}

export function whyNoNetwork(): string | null;
