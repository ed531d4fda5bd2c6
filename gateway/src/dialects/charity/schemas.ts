import { type TSchema, Type } from '@vestibule/shared/schema';
import { Characters } from '../../fields.ts';

const Id = Type.String({ minLength: 1, maxLength: 32, description: 'the id of an account' });
const Name = Characters(1, 50, { description: '1 to 50 characters' });
const Password = Type.String({ minLength: 1, maxLength: 128, description: '1 to 128 characters' });
const Role = Type.Union([Type.Literal('0'), Type.Literal('1'), Type.Literal('2')], {
  description: '`0` administrator, `1` donor, `2` volunteer',
});
const AnyRole = Type.Union([...Role.anyOf, Type.Literal('normal'), Type.Literal('repair')], {
  description: '`0` administrator, `1` donor, `2` volunteer; besides the document `normal` and `repair`',
});
const Status = Type.Union([Type.Literal('0'), Type.Literal('1'), Type.Literal('2')], {
  description: '`0` normal, `1` frozen, `2` deleted',
});
/** In a search an empty field is no limit. */
const orEmpty = <S extends TSchema>(schema: S) => Type.Optional(Type.Union([schema, Type.Literal('')]));

export const Registration = Type.Object({
  first_name: Name,
  last_name: Name,
  role: Role,
  password: Password,
});
export const Login = Type.Object({ id: Id, password: Password });
export const RoleChange = Type.Object({ id: Id, role: AnyRole });
export const StatusChange = Type.Object({ id: Id, status: Status });
export const PasswordChange = Type.Object({ id: Id, password: Password, new_password: Password });
export const Names = Type.Object({ first_name: Name, last_name: Name });
export const Search = Type.Object({
  first_name: orEmpty(Name),
  last_name: orEmpty(Name),
  role: orEmpty(AnyRole),
  page: orEmpty(
    Type.String({
      pattern: '^[1-9][0-9]{0,5}$',
      description: 'besides the document: which thousand of the matches, from 1',
    }),
  ),
});
export const ById = Type.Object({ id: Id });

const Good = <S extends TSchema>(data: S) =>
  Type.Object({ code: Type.Literal(200), msg: Type.Literal(''), data });
const text = Type.String();

export const Done = Good(Type.Object({}));
export const Registered = Good(
  Type.Object({ id: text, token: text, role: text, first_name: text, last_name: text }),
);
export const LoggedIn = Good(Type.Object({ token: text }));
export const Found = Good(Type.Object({ id_list: Type.Array(text, { maxItems: 1000 }) }));
export const User = Good(
  Type.Object({ id: text, first_name: text, last_name: text, role: text, status: Status }),
);
export const Refused = Type.Object({
  code: Type.Integer(),
  msg: text,
  data: Type.Optional(Type.Object({}, { additionalProperties: false })),
});
