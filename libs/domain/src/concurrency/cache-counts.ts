/** What a cache was asked for, since the start of the process. */
export class CacheCounts {
  hits = 0;
  misses = 0;

  note(isHit: boolean): void {
    if (isHit) this.hits++;
    else this.misses++;
  }
}
