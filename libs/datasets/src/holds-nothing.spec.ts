import { holdsNothing } from './holds-nothing.js';
import { bytesSource } from './testing/reading.js';

const holds = (text: string) => holdsNothing(bytesSource(Buffer.from(text)));

describe('holdsNothing', () => {
  it.each([
    [''],
    ['userId,itemId,type,weight,occurredAt\n'],
    ['userId,training,personal,tags'],
    ['id,title\n\n'],
  ])('is true of %j', async (text) => expect(await holds(text)).toBe(true));

  it.each([
    ['userId,itemId\nu,i\n'],
    ['u,i\n'],
    ['0 1 2\n'],
    ['{"userId":"u","itemId":"i"}\n'],
    [' [{"itemId":"i"}]'],
    ['some words\n'],
  ])('is false of %j', async (text) => expect(await holds(text)).toBe(false));
});
