import type { Handlers } from '@vestibule/shared/bus/bus';
import type { userContracts } from '@vestibule/shared/contracts/user';
import type { createAccess } from './access.ts';
import type { createAccountList } from './account-list.ts';
import type { createAccounts } from './accounts.ts';
import type { createAvatars } from './avatars.ts';
import type { createHistory } from './history.ts';

/** Which rule answers which contract. */
export function createHandlers({
  accounts,
  accountList,
  avatars,
  access,
  history,
}: {
  accounts: ReturnType<typeof createAccounts>;
  accountList: ReturnType<typeof createAccountList>;
  avatars: ReturnType<typeof createAvatars>;
  access: ReturnType<typeof createAccess>;
  history: ReturnType<typeof createHistory>;
}): Handlers<typeof userContracts> {
  return {
    create: accounts.create,
    get: accounts.get,
    find: accounts.find,
    credentials: accounts.credentials,
    updateProfile: accounts.updateProfile,
    search: accounts.search,
    list: accountList.list,
    getAvatar: avatars.get,
    access: access.access,
    setRole: access.setRole,
    setStatus: access.setStatus,
    audit: access.audit,
    remove: access.remove,
    setPassword: access.setPassword,
    addHistory: history.add,
    getHistory: history.get,
    clearHistory: history.clear,
  };
}
