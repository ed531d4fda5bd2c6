import type { Identity } from '@vestibule/shared/contracts/account';
import { authContracts } from '@vestibule/shared/contracts/auth';
import { userContracts } from '@vestibule/shared/contracts/user';
import { CaptchaId, verificationContracts } from '@vestibule/shared/contracts/verification';
import { AppError, codeOf } from '@vestibule/shared/errors';
import { isMobileNumber } from '@vestibule/shared/phone';
import { TypeCompiler } from '@vestibule/shared/schema';
import { clientAddress } from '../../address.ts';
import { listed } from '../../config.ts';
import { refuseForeignPages, sessionCookie } from '../../tokens.ts';
import type { DialectDependencies, DialectScope } from '../dialect.ts';
import { operations } from './operations.ts';
import { good } from './present.ts';

/** Captchas of this document; those of others are none here, whatever their ids. */
const scope = 'medicine';
const captchaIds = TypeCompiler.Compile(CaptchaId);

const phoneIdentity = (phone: string): Identity => ({ kind: 'phone', value: phone });

export function routes(app: DialectScope, { bus, settings }: DialectDependencies): void {
  const production = settings.NODE_ENV === 'production';
  const cookie = {
    name: sessionCookie(production),
    attributes: { path: '/', httpOnly: true, sameSite: 'lax', secure: production },
  } as const;

  app.get('/imageCode', operations.imageCode, async (request, reply) => {
    const { uuid, last_uuid: last } = request.query;
    const { png } = await bus.call(
      verificationContracts.newCaptcha,
      {
        scope,
        id: uuid,
        ...(captchaIds.Check(last) ? { replaces: last } : {}),
        length: 4,
        address: clientAddress(request),
      },
      request.callContext,
    );
    return reply.type('image/png').send(Buffer.from(png, 'base64'));
  });

  app.post('/smsCode', operations.smsCode, async (request) => {
    const { phone, img_code_client: answer, uuid } = request.body;
    const { callContext } = request;
    const captcha = { scope, id: uuid, answer };
    if (!isMobileNumber(phone)) {
      // The try is spent all the same; whether it was right does not matter any more.
      await bus.call(verificationContracts.checkCaptcha, captcha, callContext).catch((error: unknown) => {
        if (!['captcha-unknown', 'captcha-wrong'].includes(codeOf(error))) throw error;
      });
      throw new AppError('input-invalid', { field: 'phone' });
    }
    const address = clientAddress(request);
    await bus.call(verificationContracts.sendCode, { phone, address, captcha }, callContext);
    return good('验证码发送成功');
  });

  app.post('/register', operations.register, async ({ body, callContext, log }) => {
    const { phone, phone_code: code, password, password2 } = body;
    if (password !== password2) throw new AppError('input-invalid', { field: 'password2' });
    await bus.call(verificationContracts.checkCode, { phone, code }, callContext);
    const draft = { role: 'normal', status: 'active', profile: {} } as const;
    await bus.call(
      authContracts.register,
      { ...draft, identities: [phoneIdentity(phone)], password },
      callContext,
    );
    // The account is made, and a code is good for making it alone: one that stays can do nothing more.
    await bus.call(verificationContracts.spendCode, { phone, code }, callContext).catch((error: unknown) => {
      log.warn({ code: codeOf(error) }, 'the code of a registration was not spent');
    });
    return good('注册成功');
  });

  const login = { ...operations.login, onRequest: refuseForeignPages(listed(settings.ALLOWED_ORIGINS)) };
  app.post('/sessions', login, async (request, reply) => {
    const { phone, password } = request.body;
    const { callContext } = request;
    const identity = phoneIdentity(phone);
    const address = clientAddress(request);
    const { token } = await bus
      .call(authContracts.loginByPassword, { login: identity, password, address }, callContext)
      .catch(async (error: unknown) => {
        if (settings.REVEAL_UNKNOWN_ACCOUNTS && codeOf(error) === 'credentials-wrong') {
          await bus.call(userContracts.find, identity, callContext);
        }
        throw error;
      });
    reply.setCookie(cookie.name, token, cookie.attributes);
    return good('登陆成功');
  });

  app.delete('/sessions', operations.logout, async ({ caller, callContext }, reply) => {
    if (caller === null) throw new AppError('session-dead');
    await bus.call(authContracts.logout, { sessionId: caller.sessionId }, callContext);
    reply.clearCookie(cookie.name, cookie.attributes);
    return good('退出成功');
  });
}
