import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pairsOf, readDataset, type Told } from '../testing/understanding.js';

const INSTACART = {
  'aisles.csv': 'aisle_id,aisle\n1,bath\n2,food\n',
  'departments.csv': 'department_id,department\n1,all\n',
  'order_products__prior.csv':
    'order_id,product_id,add_to_cart_order,reordered\n2,33120,1,1\n2,28985,2,1\n3000000,33120,1,0\n',
  'order_products__train.csv': 'order_id,product_id,add_to_cart_order,reordered\n1,49302,1,1\n1,28985,2,1\n',
  'orders.csv':
    'order_id,user_id,eval_set,order_number,days_since_prior_order\n1,112108,train,4,9.0\n2,202279,prior,3,8.0\n3000000,1,prior,1,\n9,1,test,2,30.0\n',
  'products.csv':
    'product_id,product_name,aisle_id,department_id\n28985,"Michigan, Kale",1,1\n33120,Egg Whites,2,1\n49302,Yogurt,2,1\n',
};

describe('orders', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sparserec-orders-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const read = (files: Readonly<Record<string, string>>, told?: Told) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return readDataset(folder, told);
  };

  it('of Instacart are read with their users, products and titles', async () => {
    const data = await read(INSTACART);
    expect(pairsOf(data)).toEqual([
      '202279 33120',
      '202279 28985',
      '1 33120',
      '112108 49302',
      '112108 28985',
    ]);
    expect(data.items.map(({ title }) => title)).toEqual(['Michigan, Kale', 'Egg Whites', 'Yogurt']);
    expect(data.summary).toMatchObject({ users: 3, items: 3, interactions: 5, titles: 3, timeFormat: null });
    expect(data.summary.columns).toMatchObject({ user: 'user_id', item: 'product_id' });
    expect(data.summary.warnings).toContainEqual(
      expect.stringMatching(/^user_id of each order_id is read from .*orders\.csv$/),
    );
  });

  it('are found by ids of any kind, in any format, and named where there are none', async () => {
    const files = {
      'orders.csv': 'order_id;customer_id\ne481f;ada\n0047;007\n47;ben\n999999999;cy\n',
      'items.jsonl': [
        { order_id: 'e481f', product_id: 'a' },
        { order_id: '0047', product_id: 'b' },
        { order_id: 47, product_id: 'b' },
        { order_id: 999999999, product_id: 'a' },
        { order_id: 'none', product_id: 'a' },
      ]
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(''),
    };
    await expect(read(files)).rejects.toThrow(
      /items\.jsonl, line 5: order_id is "none", and no such order has a user/,
    );
    const data = await read(files, { skipInvalid: true });
    expect(pairsOf(data)).toEqual(['ada a', '007 b', 'ben b', 'cy a']);
    expect(data.summary.leftOut).toMatchObject([{ rows: 1, firstLines: [5] }]);
  });

  it('are refused if one cannot be read, or such are left out and counted', async () => {
    const orders = '{"order_id":1,"user_id":"ada"}\n{"order_id":2\n{"order_id":3,"user_id":{"id":"ben"}}\n';
    const none = '{"order_id":4,"user_id":null}\n{"order_id":9007199254740993,"user_id":"cy"}\n';
    const files = {
      'orders.jsonl': `${orders}${none}`,
      'lines.csv': 'order_id,product_id\n1,a\n3,b\n4,c\n',
    };
    await expect(read(files)).rejects.toThrow(/orders\.jsonl, line 2: not valid JSON/);
    const { summary, interactions } = await read(files, { skipInvalid: true });
    expect(interactions).toMatchObject([{ userId: 'ada', itemId: 'a' }]);
    const inOrders = (reason: string, line: number) => ({
      reason: expect.stringMatching(new RegExp(`${reason}.*\\(.*orders\\.jsonl\\)`)),
      rows: 1,
      firstLines: [line],
    });
    expect(summary.leftOut).toEqual([
      { reason: 'order_id is …, and no such order has a user', rows: 2, firstLines: [3, 4] },
      inOrders('not valid JSON', 2),
      inOrders('user_id is …, which is neither text nor a number', 3),
      inOrders('order_id is a number of more digits', 5),
    ]);
  });

  it('are refused if a row has fewer cells than the header', async () => {
    const files = { 'orders.csv': 'order_id,user_id\n1,7\n2\n', 'lines.csv': 'order_id,product_id\n1,x\n' };
    await expect(read(files)).rejects.toThrow(/orders\.csv, line 3: it has 1 cells, and the header has 2/);
    expect((await read(files, { skipInvalid: true })).summary.leftOut).toMatchObject([{ firstLines: [3] }]);
  });

  it('are refused if one has two users', async () => {
    const files = { 'orders.csv': 'order_id,user_id\n1,a\n1,b\n', 'lines.csv': 'order_id,product_id\n1,x\n' };
    await expect(read(files)).rejects.toThrow(/orders\.csv: order 1 has two users/);
  });

  it('keep the width of their rows', async () => {
    const orders = { 'orders.csv': 'order_id,user_id\n1,7\n' };
    const lines = (row: string) => ({ ...orders, 'lines.csv': `order_id,product_id,size\n${row}\n` });
    expect(pairsOf(await read(lines('1,x,2,')))).toEqual(['7 x']);
    await expect(read(lines('1,x,2,3'))).rejects.toThrow(/lines\.csv, line 2: it has 5 cells/);
    await expect(read(lines('1,x'))).rejects.toThrow(/lines\.csv, line 2: it has 3 cells/);
  });
});
