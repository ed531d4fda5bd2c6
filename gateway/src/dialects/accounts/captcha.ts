import type { Bus } from '@vestibule/shared/bus/bus';
import type { CallContext } from '@vestibule/shared/call-context';
import { verificationContracts } from '@vestibule/shared/contracts/verification';
import { AppError, codeOf } from '@vestibule/shared/errors';
import { Type } from '@vestibule/shared/schema';
import type { Fields } from '../../bodies.ts';
import { createFieldsCheck } from '../../fields.ts';
import { Login } from './schemas.ts';

/** Captchas of this document, which meet no other's. */
export const captchaKind = { scope: 'accounts', length: 5 } as const;

const checkId = createFieldsCheck(Type.Pick(Login, ['captcha_id']));
const checkCode = createFieldsCheck(Type.Pick(Login, ['captcha_code']));

/**
 * Spends the captcha of a login before any other field is looked at. One that is answered with what cannot be
 * an answer is spent too.
 */
export const createCaptchaGate =
  ({ bus }: { bus: Pick<Bus, 'call'> }) =>
  async ({ body, callContext }: { body: Fields; callContext: CallContext }): Promise<void> => {
    const spend = (id: string, answer: string) =>
      bus.call(verificationContracts.checkCaptcha, { scope: captchaKind.scope, id, answer }, callContext);
    const id = checkId(body);
    if (id.fields === undefined) throw new AppError('input-invalid', { field: id.fails });
    const code = checkCode(body);
    if (code.fields !== undefined) {
      await spend(id.fields.captcha_id, code.fields.captcha_code);
      return;
    }
    await spend(id.fields.captcha_id, '').catch((error: unknown) => {
      const refused = codeOf(error);
      if (refused !== 'captcha-wrong' && refused !== 'captcha-unknown') throw error;
    });
    throw new AppError('input-invalid', { field: code.fails });
  };
