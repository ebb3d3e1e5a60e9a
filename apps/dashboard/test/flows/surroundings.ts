import type { TestService } from '../../../../test/support/api.js';
import type { WatchedPage } from '../support/browser.js';

/** What somebody who uses the pages has. */
export interface Surroundings {
  readonly service: TestService;
  /** @param page as it stands in the address after the catalog */
  readonly open: (page: string) => Promise<WatchedPage>;
}
