import { DEFAULT_INTERACTION_TYPE, type Interaction, type ItemDetails } from '#domain';
import { lowerBound, seededRandom } from '#models';

/**
 * The built-in media library: films by genre, and people with tastes of their own. The same seed
 * makes the same library.
 */
const SEED = 20_261_124;
const NUM_ITEMS = 3_000;
const NUM_USERS = 2_500;
const MEAN_HISTORY = 36;
/** How many times as often the most famous film of a genre is picked as the least, about. */
const FAME_RANGE = 20;
const DAY_MS = 86_400_000;
/** In which people begin to watch. */
const DAYS = 150;

const GENRES: Readonly<
  Record<string, { readonly nouns: readonly string[]; readonly adjectives: readonly string[] }>
> = {
  'Science Fiction': {
    nouns: ['Orbit', 'Android', 'Nebula', 'Colony', 'Signal', 'Starship', 'Horizon', 'Paradox'],
    adjectives: ['Silent', 'Quantum', 'Last', 'Distant', 'Frozen', 'Binary'],
  },
  Mystery: {
    nouns: ['Alibi', 'Witness', 'Cipher', 'Inspector', 'Letter', 'Verdict', 'Shadow', 'Clue'],
    adjectives: ['Missing', 'Hidden', 'Perfect', 'Double', 'Cold', 'Seventh'],
  },
  Romance: {
    nouns: ['Promise', 'Summer', 'Wedding', 'Letter', 'Kiss', 'Heart', 'Garden', 'Waltz'],
    adjectives: ['Secret', 'Second', 'Tender', 'Endless', 'Stolen', 'Late'],
  },
  Horror: {
    nouns: ['Cellar', 'Whisper', 'Grave', 'Mirror', 'Asylum', 'Fog', 'Doll', 'Curse'],
    adjectives: ['Bloody', 'Hollow', 'Crimson', 'Buried', 'Screaming', 'Black'],
  },
  Comedy: {
    nouns: ['Neighbour', 'Holiday', 'Mother-in-Law', 'Office', 'Goat', 'Reunion', 'Wedding', 'Butler'],
    adjectives: ['Accidental', 'Terrible', 'Lucky', 'Clumsy', 'Absolutely Fine', 'Unexpected'],
  },
  Western: {
    nouns: ['Canyon', 'Sheriff', 'Saddle', 'Outlaw', 'Ranch', 'Stagecoach', 'Bounty', 'Prairie'],
    adjectives: ['Dusty', 'Lonesome', 'Iron', 'Golden', 'Broken', 'Wild'],
  },
  Fantasy: {
    nouns: ['Dragon', 'Crown', 'Wizard', 'Sword', 'Kingdom', 'Forest', 'Prophecy', 'Giant'],
    adjectives: ['Enchanted', 'Fallen', 'Ancient', 'Silver', 'Forgotten', 'Cursed'],
  },
  Documentary: {
    nouns: ['Ocean', 'Glacier', 'Bees', 'Harvest', 'Railway', 'Volcano', 'Library', 'Migration'],
    adjectives: ['Deep', 'Vanishing', 'Last', 'Untold', 'Great', 'Living'],
  },
};
const GENRE_NAMES = Object.keys(GENRES);
const PLACES = [
  'Lisbon',
  'the North',
  'Vermont',
  'Mars',
  'Kyoto',
  'the Harbour',
  'Avalon',
  'Cairo',
  'the Valley',
  'Prague',
  'Patagonia',
  'the Old Town',
];

interface Film {
  readonly details: ItemDetails;
  readonly genres: readonly number[];
  /** Weight with which it is picked within its genre. */
  readonly fame: number;
}

interface View {
  readonly userId: string;
  readonly itemId: string;
  /** Milliseconds since the library opened. */
  readonly time: number;
}

export interface DemoLibrary {
  readonly description: string;
  readonly items: readonly ItemDetails[];
  readonly interactions: readonly Interaction[];
}

/** @param now the last view is the day before; libraries made on one day are equal */
export function demoLibrary(now: Date): DemoLibrary {
  const random = seededRandom(SEED);
  const titles = new Set<string>();
  const films = Array.from({ length: NUM_ITEMS }, (_, index) => makeFilm(index + 1, titles, random));
  const history = dateBefore(now, makeViews(films, random));
  return {
    description: `built-in media library: ${NUM_ITEMS} films, ${NUM_USERS} people, ${history.length} views`,
    items: films.map((film) => film.details),
    interactions: history,
  };
}

function pick<Entry>(entries: readonly Entry[], random: () => number): Entry {
  return entries[Math.floor(random() * entries.length)]!;
}

function makeFilm(number: number, titles: Set<string>, random: () => number): Film {
  const main = Math.floor(random() * GENRE_NAMES.length);
  const second = random() < 0.3 ? Math.floor(random() * GENRE_NAMES.length) : main;
  const genres = [...new Set([main, second])];
  const title = makeTitle(GENRE_NAMES[main]!, titles, random);
  const year = 1960 + Math.floor(random() * 66);
  const tags = genres.map((genre) => GENRE_NAMES[genre]!);
  return {
    details: { itemId: `item-${number}`, title, tags, metadata: { year }, available: true },
    genres,
    fame: 1 / (1 + random() * FAME_RANGE),
  };
}

/** A title that no other film has. */
function makeTitle(genre: string, titles: Set<string>, random: () => number): string {
  const { adjectives, nouns } = GENRES[genre]!;
  for (;;) {
    const place = random() < 0.6 ? ` of ${pick(PLACES, random)}` : '';
    const title = `The ${pick(adjectives, random)} ${pick(nouns, random)}${place}`;
    if (titles.has(title)) continue;
    titles.add(title);
    return title;
  }
}

/** Each person likes two genres, one more than the other, and now and then watches anything. */
function makeViews(films: readonly Film[], random: () => number): View[] {
  const shelves = GENRE_NAMES.map((_, genre) =>
    makeShelf(films.filter((film) => film.genres.includes(genre))),
  );
  const views: View[] = [];
  for (let user = 1; user <= NUM_USERS; user++) {
    const [favourite, other] = [Math.floor(random() * shelves.length), Math.floor(random() * shelves.length)];
    const length = 5 + Math.floor(-Math.log(1 - random()) * (MEAN_HISTORY - 5));
    let time = random() * DAYS * DAY_MS;
    for (let n = 0; n < Math.min(length, 300); n++) {
      const draw = random();
      const shelf = draw < 0.65 ? favourite : draw < 0.9 ? other : Math.floor(random() * shelves.length);
      time += -Math.log(1 - random()) * DAY_MS * 2;
      const itemId = shelves[shelf]!(random).details.itemId;
      views.push({ userId: `user-${user}`, itemId, time: Math.floor(time) });
    }
  }
  return views;
}

/** Shifts views so that the last is in the last millisecond of the day before `now`, in UTC. */
function dateBefore(now: Date, views: readonly View[]): Interaction[] {
  const last = views.reduce((latest, { time }) => Math.max(latest, time), 0);
  const begin = Math.floor(now.getTime() / DAY_MS) * DAY_MS - 1 - last;
  return views.map(({ userId, itemId, time }) => ({
    userId,
    itemId,
    type: DEFAULT_INTERACTION_TYPE,
    weight: 1,
    occurredAt: new Date(begin + time),
  }));
}

/** Draws films with a chance in proportion to their fame. */
function makeShelf(films: readonly Film[]): (random: () => number) => Film {
  const ends = new Float64Array(films.length);
  films.forEach((film, index) => (ends[index] = (ends[index - 1] ?? 0) + film.fame));
  return (random) => {
    const at = random() * ends.at(-1)!;
    return films[lowerBound(0, films.length, (index) => ends[index]! <= at)]!;
  };
}
