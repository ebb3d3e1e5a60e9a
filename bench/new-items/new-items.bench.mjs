/**
 * What tags are worth for items that no model has seen: lists with and without them, on items that were
 * hidden from the training.
 *   npm run -s bench -- new-items --data DIR [--models ease,item-knn] [--seed 1] [--json]
 *
 * DIR is a data set whose items have tags (RecBole or MovieLens files). A tenth of the items is new on
 * validation, another tenth on the test part; of each user's other items a fifth is held out. The scale c of
 * each kind is chosen on validation: the largest with which new items take no more than their share of the
 * places. The test part is read with the one that is built in.
 */
import { openSources, understand } from '../../dist/libs/datasets/src/index.js';
import {
  ComputeThreads,
  CsrMatrix,
  modelKind,
  pairedDifference,
  seededRandom,
  TagMixtures,
  tagScale,
} from '../../dist/libs/models/src/index.js';
import { readOptions } from '../lib/options.mjs';
import { machine } from '../lib/report.mjs';

const K = 20;
const SCALES = [0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6];
const options = readOptions(
  {
    data: { type: 'string' },
    models: { type: 'string', default: 'ease,blend,spectral,ials,lightgcl,item-knn' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
  { data: 'a data set whose items have tags' },
);
const SEED = Number(options.seed);
const data = await read(options.data);
const compute = new ComputeThreads({ threads: 1 });
const order = shuffled([...data.tags.keys()], seededRandom(SEED));
const tenth = Math.floor(order.length / 10);
const [forValidation, forTest] = [new Set(order.slice(0, tenth)), new Set(order.slice(tenth, 2 * tenth))];
const report = { name: 'new-items', machine: machine(), seed: SEED, k: K, models: {} };
for (const model of options.models.split(',')) report.models[model] = await measure(model);
compute.close();
if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);

async function measure(model) {
  const validation = await world(model, forValidation, new Set([...forValidation, ...forTest]));
  const tried = SCALES.map((scale) => ({ scale, ...figures(lists(validation, scale)) }));
  const chosen = tried.findLast(({ places }) => places <= validation.share)?.scale ?? null;
  for (const line of tried) show(`${model}, validation, c = ${line.scale}`, line);
  const test = await world(model, forTest, forTest);
  const [without, withTags] = [lists(test, 0), lists(test, tagScale(model))];
  const random = shuffled([...test.fresh], seededRandom(SEED + 2));
  const wrong = lists(test, tagScale(model), new Map(test.fresh.map((item, n) => [item, random[n]])));
  const result = {
    share: test.share,
    validation: tried,
    chosen,
    scale: tagScale(model),
    without: figures(without),
    withTags: figures(withTags),
    withTagsOfOthers: figures(wrong),
    knownDifference: pairedDifference(withTags.known, without.known, SEED),
  };
  process.stderr.write(`${model}: chosen on validation c = ${chosen}, built in ${result.scale}\n`);
  show(`${model}, test, without tags`, result.without);
  show(`${model}, test, with tags`, result.withTags);
  show(`${model}, test, with the tags of others`, result.withTagsOfOthers);
  return result;
}

/** A model of the items outside of `hidden`, to be asked for those in `fresh` too. */
async function world(model, fresh, hidden) {
  const random = seededRandom(SEED + 1);
  const known = [...data.tags.keys()].filter((item) => !hidden.has(item));
  const column = new Map(known.map((item, index) => [item, index]));
  const users = data.rows.map((items) => {
    const user = { history: [], wanted: new Set(), wantedNew: new Set() };
    for (const item of items) {
      const isHeldOut = random() < 0.2;
      if (fresh.has(item)) user.wantedNew.add(item);
      else if (column.has(item)) {
        if (isHeldOut) user.wanted.add(column.get(item));
        else user.history.push(column.get(item));
      }
    }
    return user;
  });
  const rows = users.flatMap(({ history }, user) => history.map(() => user));
  const cols = users.flatMap(({ history }) => history);
  const matrix = CsrMatrix.fromCoo({ numRows: users.length, numCols: known.length, rows, cols });
  const kind = modelKind(model);
  const { recommender } = await kind.fit(matrix, kind.parameters.parse({}), { seed: 1, compute });
  const counts = Float32Array.from(matrix.columnCounts());
  const share = fresh.size / (fresh.size + known.length);
  return { users, known, matrix, recommender, counts, share, fresh: [...fresh].sort((a, b) => a - b) };
}

/**
 * Recall of held-out and of new items in each user's list of all items, and the places that new items take.
 */
function lists({ users, known, matrix, recommender, counts, fresh }, scale, tagsFrom) {
  const mixtures = new TagMixtures(counts, scale);
  known.forEach((item, index) => data.tags[item].forEach((tag) => mixtures.add(tag, index)));
  const tagsOf = new Map(
    fresh.map((item) => [item, data.tags[tagsFrom?.get(item) ?? item].map((tag) => mixtures.use(tag))]),
  );
  const result = { known: [], fresh: [], places: 0, users: users.length };
  users.forEach(({ wanted, wantedNew }, row) => {
    const scores = recommender.scoreUser(matrix.row(row));
    const { indices } = recommender.recommend(matrix.row(row), K);
    const score = mixtures.scorer(scores);
    const own = Array.from(indices, (index) => ({ index, score: scores[index] }));
    const others = fresh.map((item) => ({ item, score: Math.fround(score(tagsOf.get(item))) }));
    const list = [...own, ...others]
      .filter((entry) => entry.score > 0)
      .sort((a, b) => b.score - a.score || (known[a.index] ?? a.item) - (known[b.index] ?? b.item))
      .slice(0, K);
    const hits = list.filter(({ index }) => index !== undefined && wanted.has(index)).length;
    const newOnes = list.filter(({ item }) => item !== undefined);
    if (wanted.size > 0) result.known.push(hits / wanted.size);
    if (wantedNew.size > 0)
      result.fresh.push(newOnes.filter(({ item }) => wantedNew.has(item)).length / wantedNew.size);
    result.places += newOnes.length;
  });
  return result;
}

function figures({ known, fresh, places, users }) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return { newRecall: mean(fresh), knownRecall: mean(known), places: places / (K * users) };
}

function show(label, { newRecall, knownRecall, places }) {
  const line = `${label.padEnd(46)}recall@${K} of new items ${newRecall.toFixed(4)}, of known ones ${knownRecall.toFixed(4)}, places of new ones ${places.toFixed(3)}`;
  (options.json ? process.stderr : process.stdout).write(`${line}\n`);
}

async function read(path) {
  const sources = await openSources(path);
  const dataset = await understand(sources, { clockToleranceSeconds: 0, allRatingsPositive: true });
  const [index, tags, rows] = [new Map(), [], new Map()];
  for await (const chunk of dataset.items())
    for (const item of chunk) {
      index.set(item.itemId, tags.length);
      tags.push(item.tags);
    }
  for await (const chunk of dataset.interactions())
    for (const { userId, itemId } of chunk) {
      if (!index.has(itemId)) continue;
      if (!rows.has(userId)) rows.set(userId, new Set());
      rows.get(userId).add(index.get(itemId));
    }
  await sources.dispose();
  return { tags, rows: [...rows.values()].map((items) => [...items].sort((a, b) => a - b)) };
}

/** Fisher–Yates. */
function shuffled(values, random) {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [values[i], values[j]] = [values[j], values[i]];
  }
  return values;
}
