import { Injectable } from '@nestjs/common';
import type { Source } from '#ranking';
import { Distribution } from '#telemetry';

/** In seconds. */
export const LIST_TIME_BOUNDS = [0.0003, 0.001, 0.003, 0.01, 0.05, 0.25, 1];

/**
 * What a list was made by: the source of its first item, `page` for a further page of a list that was cached,
 * `none` for one without items.
 */
export type ListSource = Source | 'page' | 'none';

/** How long lists took, by what made them and the kind of the active model. */
@Injectable()
export class ListTimes {
  readonly #byKind = new Map<string, Map<ListSource, Distribution>>();

  note(modelKind: string, source: ListSource, seconds: number): void {
    let bySource = this.#byKind.get(modelKind);
    if (!bySource) this.#byKind.set(modelKind, (bySource = new Map<ListSource, Distribution>()));
    let distribution = bySource.get(source);
    if (!distribution) bySource.set(source, (distribution = new Distribution(LIST_TIME_BOUNDS)));
    distribution.observe(seconds);
  }

  get all(): {
    readonly modelKind: string;
    readonly source: ListSource;
    readonly distribution: Distribution;
  }[] {
    return [...this.#byKind].flatMap(([modelKind, bySource]) =>
      [...bySource].map(([source, distribution]) => ({ modelKind, source, distribution })),
    );
  }
}
