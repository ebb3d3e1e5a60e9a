export const USERS = ['ann', 'ben', 'cid', 'dan', 'eve'];
export const ITEMS = Array.from({ length: 6 }, (_, n) => `item-${n}`);
export const TYPES = ['view', 'play', 'rate'];

export interface Row {
  readonly userId: string;
  readonly itemId: string;
  readonly type: string;
  readonly occurredAt: string;
  readonly weight: number;
}

const isSame = (a: Row, b: Row) =>
  [a.userId, a.itemId, a.type, a.occurredAt].join() === [b.userId, b.itemId, b.type, b.occurredAt].join();

/** All that is to be so, by the plainest rules. */
export class Naive {
  rows: Row[] = [];
  late: Row[] = [];
  /** Whom ids name that were merged. */
  readonly into: Map<string, string>;
  readonly deleted = new Set<string>();
  readonly excludes = new Map(TYPES.map((type) => [type, true]));
  readonly consents = new Map(USERS.map((userId) => [userId, { training: true, personal: true }]));
  readonly numbers = new Map(USERS.map((userId) => [userId, 0]));

  /** @param before whose merges it knows */
  constructor(before?: Naive) {
    this.into = new Map(before?.into);
  }

  whose(id: string): string {
    return this.into.get(id) ?? id;
  }

  idsOf(userId: string): string[] {
    return USERS.filter((id) => this.whose(id) === this.whose(userId));
  }

  post({ userId, ...rest }: Row): void {
    const row = { ...rest, userId: this.whose(userId) };
    const place = this.deleted.has(row.itemId) ? this.late : this.rows;
    if (!place.some((one) => isSame(one, row))) place.push(row);
  }

  /** @returns whether it is one user by now: an id of another user is not merged */
  merge(intoId: string, from: string): boolean {
    const into = this.whose(intoId);
    if (into === this.whose(from)) return true;
    if (this.into.has(from)) return false;
    for (const id of this.idsOf(from)) this.into.set(id, into);
    const mine = [...this.rows, ...this.late].filter((row) => row.userId === from);
    this.rows = this.rows.filter((row) => row.userId !== from);
    this.late = this.late.filter((row) => row.userId !== from);
    mine.forEach((row) => this.post(row));
    const [own, other] = [this.consents.get(into)!, this.consents.get(from)!];
    const allows = (what: 'training' | 'personal') => own[what] && other[what];
    this.consents.set(into, { training: allows('training'), personal: allows('personal') });
    this.numbers.set(into, this.numbers.get(into)! || this.numbers.get(from)!);
    return true;
  }

  take(isMeant: (row: Row) => boolean): number {
    const before = this.rows.length + this.late.length;
    this.rows = this.rows.filter((row) => !isMeant(row));
    this.late = this.late.filter((row) => !isMeant(row));
    return before - this.rows.length - this.late.length;
  }

  deleteItem(itemId: string): void {
    this.deleted.add(itemId);
    this.rows = this.rows.filter((row) => row.itemId !== itemId);
  }

  putItem(itemId: string): void {
    this.deleted.delete(itemId);
    const back = this.late.filter((row) => row.itemId === itemId);
    this.late = this.late.filter((row) => row.itemId !== itemId);
    back.forEach((row) => this.post(row));
  }

  /** Those of `ITEMS` that a list of the user has, whether it is personal, and what a boost reads. */
  listed(id: string): string {
    const userId = this.whose(id);
    const { personal } = this.consents.get(userId)!;
    const seen = this.rows.filter((row) => personal && row.userId === userId && this.excludes.get(row.type));
    const gone = new Set([...this.deleted, ...seen.map(({ itemId }) => itemId)]);
    return [
      ...ITEMS.filter((itemId) => !gone.has(itemId)),
      personal,
      personal ? this.numbers.get(userId) : 0,
    ].join();
  }
}
