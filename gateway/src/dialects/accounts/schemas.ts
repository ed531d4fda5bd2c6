import { accountsLogin, namePattern } from '@vestibule/shared/accounts-login';
import { maxAvatarBytes } from '@vestibule/shared/contracts/account';
import { mobilePattern } from '@vestibule/shared/phone';
import { type TSchema, Type } from '@vestibule/shared/schema';
import { Characters } from '../../fields.ts';
import { FileField } from '../../uploads.ts';

const { nickname, password } = accountsLogin;
const Name = (description: string) => Type.String({ pattern: nickname.pattern, description });
const Nickname = Name(`user name: ${nickname.rule}`);
const FullName = Name(`name: ${nickname.rule}`);
const Password = Type.String({ pattern: password.pattern, description: password.rule });
const Phone = Type.String({
  pattern: mobilePattern,
  description: 'mobile number of 11 digits, none of a virtual operator; a number is taken too',
});
const Position = Type.String({
  pattern: namePattern(2, 20),
  description: '2 to 20 Chinese characters, letters, digits, `_` and `-`',
});
const upTo = { description: 'at most 254 characters' };

export const SignUp = Type.Object({
  avatar: FileField({
    description: `png, jpg, jpeg or bmp of at most ${maxAvatarBytes} bytes and 1024 × 1024 pixels`,
  }),
  nickname: Nickname,
  passwd: Password,
  repasswd: Type.String({ description: 'the same as `passwd`' }),
  name: FullName,
  phone: Phone,
  position: Position,
  email: Characters(1, 254, upTo),
});

export const Login = Type.Object({
  nickname: Nickname,
  passwd: Password,
  captcha_id: Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$', description: 'the id that captcha answered' }),
  captcha_code: Type.String({ pattern: '^[A-Za-z0-9]{5}$', description: '5 letters or digits' }),
});

export const Update = Type.Partial(
  Type.Object({
    name: FullName,
    nickname: Nickname,
    phone: Phone,
    position: Position,
    email: Characters(0, 254, upTo),
  }),
);

/** Text, as all of a URL is. */
export const ById = Type.Object({
  id: Type.String({ pattern: '^[1-9][0-9]{0,14}$', description: 'integer: the id of a user' }),
});
export const Page = Type.Object({
  page: Type.Optional(
    Type.Union([Type.String({ pattern: '^[1-9][0-9]{0,8}$' }), Type.Literal('')], {
      description: 'integer: which 15 of the users, from 1',
    }),
  ),
});

const text = Type.String();
const integer = Type.Integer();
const Envelope = <S extends TSchema>(data: S) =>
  Type.Object({ cmd: text, data, message: text, status: Type.Literal(true) });
const Nothing = Type.Array(Type.Never(), { maxItems: 0 });

export const Done = Envelope(Nothing);
export const Removed = Envelope(Type.Literal(true));
export const SignedUp = Envelope(Type.Object({ id: integer, account_status: integer }));
export const LoggedIn = Envelope(
  Type.Object({
    account_status: Type.Integer({ description: '1 audited, 0 waiting for it' }),
    id: integer,
    nickname: text,
    token: text,
    user_level: Type.Integer({ description: '1 for administrators, else 0' }),
  }),
);
const user = { id: integer, nickname: text, name: text, phone: text, position: text, email: text };
export const User = Envelope(Type.Object(user));
export const Users = Envelope(
  Type.Object({
    total: integer,
    per_page: integer,
    current_page: integer,
    last_page: integer,
    data: Type.Array(Type.Object({ ...user, account_status: text, create_time: text }), { maxItems: 15 }),
  }),
);
export const Captcha = Envelope(
  Type.Object({ id: text, picture: Type.String({ description: 'a PNG as a data URL' }) }),
);
export const Refused = Type.Object({ cmd: text, data: Nothing, message: text, status: Type.Literal(false) });
