import { phoneTextPattern } from '@vestibule/shared/phone';
import { type TSchema, Type } from '@vestibule/shared/schema';
import { Characters } from '../../fields.ts';

const Openid = Type.String({
  pattern: '^[!-~]{1,128}$',
  description: "the user's openid: 1 to 128 visible ASCII characters",
});
const Phone = Type.String({
  pattern: phoneTextPattern,
  description: '5 to 20 digits, `+`, `-` and spaces',
});
const upTo = (most: number) => ({ description: `at most ${most} characters` });
const Required = Characters(1, 50, { description: '1 to 50 characters' });
const Clearable = Characters(0, 50, upTo(50));

export const Registration = Type.Object({
  openid: Openid,
  phone: Phone,
  qq: Required,
  cardno: Required,
  wxid: Type.Optional(Clearable),
});
export const Code = Type.Object({
  js_code: Type.String({ minLength: 1, maxLength: 256, description: 'what wx.login answered' }),
});
export const ByOpenid = Type.Object({ openid: Openid });

/** What an update may write; all else in it is ignored. */
export const Change = Type.Partial(
  Type.Object({ phone: Phone, qq: Clearable, cardno: Clearable, wxid: Clearable }),
);
export const Update = Type.Object({
  openid: Openid,
  // Looked at after the other fields: what is wrong with it has codes of its own.
  update: Type.Unknown({
    description: 'a JSON object, or its text',
    anyOf: [Change, Type.String({ contentMediaType: 'application/json' })],
  }),
});
export const Entry = Type.Object({
  openid: Openid,
  hist: Characters(1, 200, { description: '1 to 200 characters' }),
});

const Good = <S extends TSchema>(data: S) =>
  Type.Object({ code: Type.Literal(0), msg: Type.Literal('success'), data });
const text = Type.String();

export const User = Good(
  Type.Object({
    id: Type.Integer(),
    openid: text,
    phone: text,
    qq: text,
    cardno: text,
    wxid: text,
    created_at: text,
    modified_at: text,
  }),
);
export const Exchanged = Good(
  Type.Object({
    openid: text,
    token: Type.Optional(Type.String({ description: 'where `OPENID_BINDING` is `token`' })),
  }),
);
export const Entries = Good(Type.Array(text, { maxItems: 1000 }));
export const Empty = Good(Type.Array(Type.Never(), { maxItems: 0 }));
export const Refused = Type.Object({
  code: Type.Integer(),
  msg: text,
  data: Type.Array(Type.Never(), { maxItems: 0 }),
});
