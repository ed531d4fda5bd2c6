import { CaptchaId } from '@vestibule/shared/contracts/verification';
import { mobilePattern } from '@vestibule/shared/phone';
import { Type } from '@vestibule/shared/schema';
import { meanings } from './present.ts';

const phoneRule = 'a mobile number of mainland China: 11 digits';
const Phone = Type.String({ pattern: mobilePattern, description: phoneRule });
const Password = Type.String({ minLength: 1, maxLength: 128, description: '1 to 128 characters' });
const Uuid = Type.String({
  ...CaptchaId,
  description: "the client's own name of a captcha: 1 to 64 of `A-Za-z0-9-`",
});

export const ImageCode = Type.Object({
  uuid: Uuid,
  last_uuid: Type.Optional(
    Type.Unknown({ description: 'the captcha that this one replaces; what names none is ignored' }),
  ),
});
export const SmsCode = Type.Object({
  // Looked at after the captcha, which is spent before anything else.
  phone: Type.String({ minLength: 1, maxLength: 64, description: phoneRule }),
  img_code_client: Type.String({
    minLength: 1,
    maxLength: 32,
    description: 'what the picture shows, in either case',
  }),
  uuid: Uuid,
});
export const Registration = Type.Object({
  phone: Phone,
  phone_code: Type.String({ minLength: 1, maxLength: 32, description: 'the code of the SMS: 6 digits' }),
  password: Password,
  password2: Type.String({ maxLength: 128, description: 'the same again' }),
});
export const Login = Type.Object({ phone: Phone, password: Password });

export const Done = Type.Object({ re_code: Type.Literal('0'), msg: Type.String() });
export const Refused = Type.Object({
  re_code: Type.String({ enum: Object.keys(meanings).filter((code) => code !== '0') }),
  msg: Type.String(),
});
