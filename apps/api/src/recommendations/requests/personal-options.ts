import { DomainError, mayReadPeople, type ApiKey } from '#domain';
import type { CompiledBoost } from './boost/boost-compiler.js';

/** Options of a list for a user whose answer says what is known of the user. */
interface PersonalOptions {
  /** The reasons name what the user had. */
  readonly explain?: boolean | undefined;
  /** The score of a boost of the user's tags and metadata alone is what they are. */
  readonly boost?: CompiledBoost | undefined;
}

/** @param caller null where no key is needed. @throws DomainError `not-allowed` */
export function checkPersonalOptions(
  { explain, boost }: PersonalOptions,
  caller: ApiKey | null,
  catalogId: string,
): void {
  if ((explain || boost?.readsUser) && !mayReadPeople(caller, catalogId))
    throw new DomainError(
      'not-allowed',
      '`explain`, and `boost` with userTag or userMetadata, for a user take a key of the scope people',
    );
}
