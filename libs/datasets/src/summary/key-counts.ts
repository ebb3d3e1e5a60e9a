/**
 * Slots for keys, of at most 16 bytes each. When they are full, half of the keys are dropped by their hashes,
 * again and again, and those that are left stand for all.
 */
const MAX_SLOTS = 2 ** 23;
const MAX_LOAD = 0.7;
export const EXACT_KEYS = Math.floor(MAX_SLOTS * MAX_LOAD);

/** A hash of 64 bits in two halves; the halves are kept between calls, since an object a key costs more. */
export const hash = { low: 0, high: 0 };

/** Adds a text to the hash. */
export function hashText(text: string, seed = 0): void {
  let [low, high] = [0x9e3779b9 ^ seed, 0x85ebca6b ^ seed];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    low = Math.imul(low ^ code, 0x9e3779b1);
    high = Math.imul(high ^ code, 0x5f356495);
  }
  mix(low ^ text.length, high);
}

/** Adds a number to the hash that is kept. */
export function hashMore(low: number, high: number): void {
  mix(
    Math.imul(hash.low ^ low, 0x2c1b3c6d) ^ hash.high,
    Math.imul(hash.high ^ high, 0x297a2d39) ^ ((hash.low << 13) | (hash.low >>> 19)),
  );
}

/** The end of MurmurHash3 over both halves. */
function mix(first: number, second: number): void {
  let [low, high] = [first, second];
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  hash.low = (low ^ (high >>> 16)) >>> 0;
  hash.high = (high ^ (hash.low >>> 16)) >>> 0;
}

/** Fields of a slot, which lie together, since a key mostly is in no cache of the processor. */
const [LOW, HIGH, COUNT, VALUE] = [0, 1, 2, 3];

/** How often each key came, by the hashes of keys, in typed arrays. */
export class KeyCounts {
  readonly #fields: number;
  #numSlots = 1024;
  #slots: Uint32Array;
  #values: Float32Array;
  #size = 0;
  /** Only keys whose hash ends with this many zeros are kept. */
  #droppedBits = 0;

  /** @param keepsValues whether the first value of each key is kept */
  constructor(
    private readonly keepsValues = false,
    private readonly maxSlots = MAX_SLOTS,
  ) {
    this.#fields = keepsValues ? 4 : 3;
    this.#slots = new Uint32Array(this.#numSlots * this.#fields);
    this.#values = new Float32Array(this.#slots.buffer);
  }

  get isExact(): boolean {
    return this.#droppedBits === 0;
  }

  /** How many keys there are; an estimate when it is not exact. */
  get size(): number {
    return this.#size * 2 ** this.#droppedBits;
  }

  /** How many keys stand for one that is kept. */
  get factor(): number {
    return 2 ** this.#droppedBits;
  }

  /**
   * Counts the key in `hash`.
   *
   * @returns how often it came before; -1 when it is not among those kept
   */
  add(value = 0): number {
    if ((hash.low & (2 ** this.#droppedBits - 1)) !== 0) return -1;
    const slot = this.#find(hash.low, hash.high);
    const before = this.#slots[slot + COUNT]!;
    this.#slots[slot + COUNT] = before + 1;
    if (before > 0) return before;
    this.#slots[slot + LOW] = hash.low;
    this.#slots[slot + HIGH] = hash.high;
    if (this.keepsValues) this.#values[slot + VALUE] = value;
    this.#size++;
    if (this.#size > this.#numSlots * MAX_LOAD) this.#grow();
    return 0;
  }

  /** The value that came first with the key in `hash`. */
  firstValue(): number {
    return this.keepsValues ? this.#values[this.#find(hash.low, hash.high) + VALUE]! : NaN;
  }

  /** The counts of the keys that are kept. */
  counts(): Uint32Array {
    const counts = new Uint32Array(this.#size);
    let number = 0;
    for (let at = COUNT; at < this.#slots.length; at += this.#fields)
      if (this.#slots[at] !== 0) counts[number++] = this.#slots[at]!;
    return counts;
  }

  /** Where the slot of a key begins. The lowest bits may all be zero, so slots are found by the others. */
  #find(low: number, high: number): number {
    const slots = this.#slots;
    const mask = this.#numSlots - 1;
    for (let number = high & mask; ; number = (number + 1) & mask) {
      const slot = number * this.#fields;
      if (slots[slot + COUNT] === 0 || (slots[slot + HIGH] === high && slots[slot + LOW] === low))
        return slot;
    }
  }

  #grow(): void {
    if (this.#numSlots === this.maxSlots) {
      this.#dropHalf();
      return;
    }
    this.#numSlots *= 2;
    const old = this.#slots;
    this.#slots = new Uint32Array(this.#numSlots * this.#fields);
    this.#values = new Float32Array(this.#slots.buffer);
    this.#refill(old);
  }

  /** In the same slots, since they are large: kept keys wait in an array of their own. */
  #dropHalf(): void {
    this.#droppedBits++;
    const dropped = 2 ** this.#droppedBits - 1;
    const slots = this.#slots;
    const isKept = (slot: number) => slots[slot + COUNT] !== 0 && (slots[slot + LOW]! & dropped) === 0;
    let numKept = 0;
    for (let slot = 0; slot < slots.length; slot += this.#fields) if (isKept(slot)) numKept++;
    const kept = new Uint32Array(numKept * this.#fields);
    let to = 0;
    for (let slot = 0; slot < slots.length; slot += this.#fields) {
      if (!isKept(slot)) continue;
      for (let field = 0; field < this.#fields; field++) kept[to++] = slots[slot + field]!;
    }
    slots.fill(0);
    this.#refill(kept);
  }

  #refill(from: Uint32Array): void {
    this.#size = 0;
    for (let old = 0; old < from.length; old += this.#fields) {
      if (from[old + COUNT] === 0) continue;
      const slot = this.#find(from[old + LOW]!, from[old + HIGH]!);
      for (let field = 0; field < this.#fields; field++) this.#slots[slot + field] = from[old + field]!;
      this.#size++;
    }
  }
}
