import type { Migrations } from '@vestibule/shared/database/database';
import { outboxMigration } from '@vestibule/shared/outbox/migrations';
import { accounts } from './0001-accounts.ts';
import { searchHistory } from './0002-search-history.ts';
import { avatars } from './0003-avatars.ts';
import { accountList } from './0004-account-list.ts';
import { wechatProfiles } from './0005-wechat-profiles.ts';
import { erasures } from './0007-erasures.ts';
import { accountsToErase } from './0008-accounts-to-erase.ts';
import { accountBlocks } from './0009-account-blocks.ts';

/** In the order in which they run; one that was released is never changed. */
export const migrations: Migrations = {
  '0001-accounts': accounts,
  '0002-search-history': searchHistory,
  '0003-avatars': avatars,
  '0004-account-list': accountList,
  '0005-wechat-profiles': wechatProfiles,
  '0006-outbox': outboxMigration,
  '0007-erasures': erasures,
  '0008-accounts-to-erase': accountsToErase,
  '0009-account-blocks': accountBlocks,
};
