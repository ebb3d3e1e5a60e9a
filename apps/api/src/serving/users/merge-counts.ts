import { Injectable } from '@nestjs/common';

/** Merges of users that this process was asked for. */
@Injectable()
export class MergeCounts {
  /** Two users became one. */
  merged = 0;
  /** The two ids named one user already. */
  repeated = 0;
}
