import type { Migrations } from '@vestibule/shared/database/database';
import { accounts } from './0001-accounts.ts';
import { searchHistory } from './0002-search-history.ts';

/** In the order in which they run; one that was released is never changed. */
export const migrations: Migrations = {
  '0001-accounts': accounts,
  '0002-search-history': searchHistory,
};
