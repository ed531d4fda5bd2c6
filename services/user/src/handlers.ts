import type { Handlers } from '@vestibule/shared/bus/bus';
import type { userContracts } from '@vestibule/shared/contracts/user';
import type { createAccess } from './access.ts';
import type { createAccountExport } from './account-export.ts';
import type { createAccountList } from './account-list.ts';
import type { createAccounts } from './accounts.ts';
import type { createAvatars } from './avatars.ts';
import type { createHistory } from './history.ts';
import type { createProfiles } from './profiles.ts';

/** Which rule answers which contract. */
export function createHandlers({
  accounts,
  accountExport,
  accountList,
  avatars,
  access,
  history,
  profiles,
}: {
  accounts: ReturnType<typeof createAccounts>;
  accountExport: ReturnType<typeof createAccountExport>;
  accountList: ReturnType<typeof createAccountList>;
  avatars: ReturnType<typeof createAvatars>;
  access: ReturnType<typeof createAccess>;
  history: ReturnType<typeof createHistory>;
  profiles: ReturnType<typeof createProfiles>;
}): Handlers<typeof userContracts> {
  return {
    create: accounts.create,
    get: accounts.get,
    find: accounts.find,
    credentials: accounts.credentials,
    updateProfile: profiles.updateProfile,
    getWechatUser: profiles.getWechatUser,
    updateWechatUser: profiles.updateWechatUser,
    names: profiles.names,
    export: accountExport.read,
    search: accounts.search,
    list: accountList.list,
    getAvatar: avatars.get,
    access: access.access,
    setRole: access.setRole,
    setStatus: access.setStatus,
    audit: access.audit,
    reject: access.reject,
    remove: access.remove,
    setPassword: access.setPassword,
    addHistory: history.add,
    getHistory: history.get,
    clearHistory: history.clear,
  };
}
