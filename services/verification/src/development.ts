import type { Handlers } from '@vestibule/shared/bus/bus';
import type { verificationContracts } from '@vestibule/shared/contracts/verification';
import { AppError } from '@vestibule/shared/errors';
import type { Store } from '@vestibule/shared/store/store';
import type { PlainCaptchas } from './plain-captchas.ts';
import { lastCode } from './providers/inbox.ts';

export type Development = Pick<Handlers<typeof verificationContracts>, 'revealCaptcha' | 'revealCode'>;

const refuse = () => Promise.reject(new AppError('not-allowed'));

/** Where DEV_ROUTES is off nothing is shown. */
export const noDevelopment: Development = { revealCaptcha: refuse, revealCode: refuse };

/** Shows captchas and codes, so that the platform can be tried out without eyes and without a phone. */
export function createDevelopment({
  store,
  plainCaptchas,
}: {
  store: Store;
  plainCaptchas: PlainCaptchas;
}): Development {
  return {
    async revealCaptcha({ id }) {
      return { answer: await plainCaptchas.reveal(id) };
    },
    async revealCode({ phone }) {
      const code = await lastCode({ store, phone });
      if (code === null) throw new AppError('code-unknown');
      return { code };
    },
  };
}
