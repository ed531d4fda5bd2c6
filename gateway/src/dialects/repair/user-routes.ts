import { authContracts } from '@vestibule/shared/contracts/auth';
import { userContracts } from '@vestibule/shared/contracts/user';
import { AppError } from '@vestibule/shared/errors';
import { signedIn } from '../../caller.ts';
import type { AddressLimit } from '../../rate-limit.ts';
import type { DialectDependencies, DialectScope } from '../dialect.ts';
import { type Asking, action } from './actions.ts';
import { good, type Views } from './present.ts';
import { readChange, readUserinfo, readWxUserinfo } from './profile.ts';
import { Registration, Update } from './schemas.ts';
import { userOperations } from './user-operations.ts';

type Dependencies = Pick<DialectDependencies, 'bus'> & { views: Views; limitRegister: AddressLimit };

/** The app that a mini-program's request comes from, which WeChat's client says in `Referer`; else the usual one. */
function appOf({ headers }: Pick<Asking, 'headers'>): { appid?: string } {
  const [, appid] = /^https:\/\/servicewechat\.com\/([\w-]{1,128})\//.exec(headers.referer ?? '') ?? [];
  return appid === undefined ? {} : { appid };
}

/** What is encrypted has two halves; neither may be missing. */
function encryptedOf({ encryptedData: data, iv }: { encryptedData?: string; iv?: string }) {
  if (!data && !iv) return {};
  if (!data) throw new AppError('input-invalid', { field: 'encryptedData' });
  if (!iv) throw new AppError('input-invalid', { field: 'iv' });
  return { encrypted: { data, iv } };
}

/** Register, update, log in, and the current user. */
export function userRoutes(app: DialectScope, { bus, views, limitRegister }: Dependencies): void {
  /** Whose record is to be changed: a fresh code proves it as a token does. */
  async function updatedId(code: string | undefined, request: Asking): Promise<number> {
    const own = request.caller?.account;
    if (!code) {
      if (request.strangeness) throw request.strangeness;
      return signedIn(request.caller).id;
    }
    const { account } = await bus.call(
      authContracts.identifyByWechat,
      { code, ...appOf(request) },
      request.callContext,
    );
    if (own && own.id !== account.id) throw new AppError('not-allowed');
    return account.id;
  }

  const actions = {
    register: action(Registration, async ({ code, userinfo, wx_userinfo }, request) => {
      const draft = { code, ...appOf(request), ...readUserinfo(userinfo), ...readWxUserinfo(wx_userinfo) };
      await limitRegister(request);
      const { user, token } = await bus.call(authContracts.registerByWechat, draft, request.callContext);
      return { token, user: views.user(user) };
    }),
    update: action(Update, async ({ code, userinfo, wx_userinfo }, request) => {
      const change = { profile: readChange(userinfo), ...readWxUserinfo(wx_userinfo) };
      const id = await updatedId(code, request);
      return views.user(
        await bus.call(userContracts.updateWechatUser, { id, ...change }, request.callContext),
      );
    }),
  };

  // The document's samples call what it describes under `/api` by the first part `/auth`.
  for (const base of ['/api', '/auth']) {
    app.post(`${base}/user`, userOperations.change, async (request) =>
      good(await actions[request.body.action](request)),
    );

    app.get(`${base}/user`, userOperations.current, async ({ caller, callContext }) =>
      good(views.user(await bus.call(userContracts.getWechatUser, { id: signedIn(caller).id }, callContext))),
    );

    app.post(`${base}/login`, userOperations.login, async (request) => {
      const { code, ...encrypted } = request.body;
      const { user, token } = await bus.call(
        authContracts.loginByWechat,
        { code, ...appOf(request), ...encryptedOf(encrypted) },
        request.callContext,
      );
      return good({ token, user: views.user(user) });
    });
  }
}
