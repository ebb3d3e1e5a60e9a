import type { Sources } from '#datasets';

/** A body that is stored and understood when that is asked for the first time. */
export class UnderstoodBody<Understood> {
  #sources: Sources | null = null;
  #understood: { readonly value: Understood } | null = null;

  constructor(
    private readonly store: () => Promise<Sources>,
    private readonly read: (sources: Sources) => Promise<Understood>,
  ) {}

  async open(): Promise<Understood> {
    this.#sources ??= await this.store();
    this.#understood ??= { value: await this.read(this.#sources) };
    return this.#understood.value;
  }

  /** What `open` answered. */
  get understood(): Understood {
    if (!this.#understood) throw new Error('The body was not opened');
    return this.#understood.value;
  }

  async dispose(): Promise<void> {
    await this.#sources?.dispose();
  }
}
