import { mobilePattern } from '../phone.ts';
import { Type } from '../schema.ts';
import { contract } from './contract.ts';

/** The client's address, for counting; IPv6 already cut to /64 by the gateway. */
const Address = Type.String({ maxLength: 64 });
/** Captchas of different scopes never meet, whatever ids their clients choose. */
const Scope = Type.String({ pattern: '^[a-z]{1,16}$' });
/** How a captcha is named, whether its client or the service chose it. */
export const CaptchaId = Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' });
/** Whatever a dialect lets pass: no SMS goes to a number of another kind. */
const Phone = Type.String({ pattern: mobilePattern });
const Answer = Type.String({ maxLength: 32 });
const Captcha = Type.Object({ scope: Scope, id: CaptchaId, answer: Answer });
const Nothing = Type.Object({});

/** What the verification service answers. It owns captchas, SMS codes, sending quotas and the budget. */
export const verificationContracts = {
  newCaptcha: contract({
    subject: 'verification.new-captcha',
    summary: 'Draws a captcha and keeps its text; the one named by `replaces` is dropped.',
    request: Type.Object({
      scope: Scope,
      /** Chosen by the client, or absent: one is made. */
      id: Type.Optional(CaptchaId),
      replaces: Type.Optional(CaptchaId),
      length: Type.Integer({ minimum: 4, maximum: 6 }),
      address: Address,
    }),
    /** `png` in base64. */
    reply: Type.Object({ id: CaptchaId, png: Type.String() }),
    errors: ['address-limited'],
    idempotent: false,
  }),
  checkCaptcha: contract({
    subject: 'verification.check-captcha',
    summary: 'Spends a captcha, right or wrong; letters in either case.',
    request: Captcha,
    reply: Nothing,
    errors: ['captcha-unknown', 'captcha-wrong'],
    idempotent: false,
  }),
  sendCode: contract({
    subject: 'verification.send-code',
    summary: 'Sends a code by SMS: spends the captcha, then reserves every quota and the budget, then sends.',
    request: Type.Object({ phone: Phone, address: Address, captcha: Captcha }),
    reply: Nothing,
    errors: ['captcha-unknown', 'captcha-wrong', 'rate-limited', 'address-limited', 'sms-not-sent'],
    idempotent: false,
  }),
  checkCode: contract({
    subject: 'verification.check-code',
    summary: 'Looks at a code: a right one stays good until it is spent, the fifth wrong one spends it.',
    request: Type.Object({ phone: Phone, code: Answer }),
    reply: Nothing,
    errors: ['code-unknown', 'code-wrong'],
    idempotent: false,
  }),
  spendCode: contract({
    subject: 'verification.spend-code',
    summary: 'Takes a right code out of use: of any number who try, one succeeds.',
    request: Type.Object({ phone: Phone, code: Answer }),
    reply: Nothing,
    errors: ['code-unknown', 'code-wrong'],
    idempotent: false,
  }),
  revealCaptcha: contract({
    subject: 'verification.reveal-captcha',
    summary: 'The text of a captcha, for development; refused where DEV_ROUTES is off.',
    request: Type.Object({ id: CaptchaId }),
    reply: Type.Object({ answer: Type.String() }),
    errors: ['captcha-unknown', 'not-allowed'],
    idempotent: true,
  }),
  revealCode: contract({
    subject: 'verification.reveal-code',
    summary:
      'The last code of a phone in the inbox provider, for development; refused where DEV_ROUTES is off.',
    request: Type.Object({ phone: Phone }),
    reply: Type.Object({ code: Type.String() }),
    errors: ['code-unknown', 'not-allowed'],
    idempotent: true,
  }),
} as const;
