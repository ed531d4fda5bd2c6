import type { Handlers } from '@vestibule/shared/bus/bus';
import type { verificationContracts } from '@vestibule/shared/contracts/verification';
import type { Captchas } from './captchas.ts';
import type { Codes } from './codes.ts';
import type { Development } from './development.ts';
import type { Sending } from './sending.ts';

/** Which rule answers which contract. */
export function createHandlers({
  captchas,
  sending,
  codes,
  development,
}: {
  captchas: Captchas;
  sending: Sending;
  codes: Codes;
  development: Development;
}): Handlers<typeof verificationContracts> {
  return {
    newCaptcha: captchas.create,
    checkCaptcha: captchas.check,
    sendCode: sending.send,
    checkCode: codes.check,
    spendCode: codes.spend,
    revealCaptcha: development.revealCaptcha,
    revealCode: development.revealCode,
  };
}
