/** A stand-in that has only the given members and fails on any other use. */
export function strictFake<T extends object>(members: Partial<T>): T {
  return new Proxy(members as T, {
    get(target, member) {
      if (member in target) return Reflect.get(target, member) as unknown;
      throw new Error(`Unexpected use of ${String(member)}.`);
    },
  });
}
