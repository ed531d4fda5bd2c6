import type { ReplyOf, RequestOf } from '@vestibule/shared/contracts/contract';
import type { userContracts } from '@vestibule/shared/contracts/user';
import type { AccountExportRepository } from './account-export-repository.ts';
import { known } from './accounts.ts';
import { shownAvatar } from './avatars.ts';

type Export = typeof userContracts.export;

/** All that is kept of an account, for its owner. */
export function createAccountExport({ repository }: { repository: AccountExportRepository }) {
  return {
    /** Fails with `account-unknown`, also for deleted ones. */
    async read({ id }: RequestOf<Export>): Promise<ReplyOf<Export>> {
      const kept = known(await repository.read(id));
      return { ...kept, avatar: kept.avatar && shownAvatar(kept.avatar) };
    },
  };
}
