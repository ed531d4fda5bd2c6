import type { Handlers } from '@vestibule/shared/bus/bus';
import type { authContracts } from '@vestibule/shared/contracts/auth';
import type { AuditLog } from './audit/audit-log.ts';
import type { LoginRules } from './login.ts';
import type { Registration } from './registration.ts';
import type { Sessions } from './sessions.ts';
import type { SettingNotes } from './setting-notes.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { WeChatLogin } from './wechat-login.ts';

/** Which rule answers which contract. */
export function createHandlers({
  registration,
  login,
  sessions,
  keys,
  wechat,
  auditLog,
  settingNotes,
}: {
  registration: Registration;
  login: LoginRules;
  sessions: Sessions;
  keys: Pick<SigningKeys, 'published'>;
  wechat: WeChatLogin;
  auditLog: Pick<AuditLog, 'list'>;
  settingNotes: SettingNotes;
}): Handlers<typeof authContracts> {
  return {
    register: registration.register,
    loginByPassword: login.byPassword,
    changePassword: login.changePassword,
    loginByOpenid: login.byOpenid,
    exchangeCode: wechat.exchange,
    registerByWechat: wechat.register,
    loginByWechat: wechat.login,
    identifyByWechat: wechat.identify,
    verifySession: sessions.verify,
    logout: sessions.logout,
    sessions: sessions.list,
    auditLog: auditLog.list,
    noteSettings: settingNotes.note,
    publicKeys: async () => ({ keys: await keys.published() }),
  };
}
