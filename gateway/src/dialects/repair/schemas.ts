import { storableCharacters } from '@vestibule/shared/contracts/account';
import { InstanceStatus, ProcessName } from '@vestibule/shared/contracts/process';
import { type TSchema, Type } from '@vestibule/shared/schema';
import { Characters } from '../../fields.ts';
import { JsonField } from './json-field.ts';

const upTo = (most: number) => Characters(0, most, { description: `at most ${most} characters` });
const orEmpty = <S extends TSchema>(schema: S) => Type.Optional(Type.Union([schema, Type.Literal('')]));

const profile = {
  name: upTo(50),
  phone: Type.String({
    pattern: '^(?:[0-9+ -]{5,20})?$',
    description: '5 to 20 digits, `+`, `-` and spaces; text of a profile, no login',
  }),
  address: upTo(200),
  company: upTo(100),
  age: Type.String({ pattern: '^(?:[0-9]|[1-9][0-9]|1[0-4][0-9]|150)?$', description: 'integer: 0 to 150' }),
  email: Type.String({
    pattern: `(?=^(?:[^\\s@]+@[^\\s@]+)?$)${storableCharacters(0, 254)}`,
    description: 'an e-mail address of at most 254 characters',
  }),
};
/** What an update may write; empty text clears a field. */
export const ProfileFields = Type.Partial(Type.Object(profile));
export const UserInfo = Type.Partial(
  Type.Object({
    ...profile,
    role: Type.Union([Type.Literal('normal'), Type.Literal('repair'), Type.Literal('admin')], {
      description: '`normal` if absent; the others are given by admins where registration is closed',
    }),
  }),
);
const Code = Type.String({ minLength: 1, maxLength: 256, description: 'what wx.login answered' });
const WxUserinfo = Type.Optional(
  JsonField("WeChat's own profile of the user, kept as it is given: at most 8 KiB of JSON"),
);

/** A body whose `action` names one of those, with all the fields that any of them has. */
const actions = <A extends string>(...names: A[]) => ({
  action: Type.Union(
    names.map((name) => Type.Literal(name)),
    { description: `one of: ${names.join(', ')}` },
  ),
});

export const Registration = Type.Object({
  code: Code,
  userinfo: Type.Optional(JsonField('profile', UserInfo)),
  wx_userinfo: WxUserinfo,
});
export const Update = Type.Object({
  code: orEmpty(Code),
  userinfo: Type.Optional(JsonField('the fields to be written', ProfileFields)),
  wx_userinfo: WxUserinfo,
});
export const UserAction = Type.Object({
  ...actions('register', 'update'),
  code: orEmpty(Code),
  userinfo: Type.Optional(JsonField('profile', UserInfo)),
  wx_userinfo: WxUserinfo,
});
export const Login = Type.Object({
  code: Code,
  encryptedData: orEmpty(
    Type.String({ maxLength: 65_536, description: 'what wx.getUserInfo answered; only with `iv`' }),
  ),
  iv: orEmpty(Type.String({ maxLength: 64, description: 'what wx.getUserInfo answered beside it' })),
});
export const View = Type.Object({ view: Type.Literal('get_curr_user_info') });
export const Closing = Type.Object({ reason: Type.Optional(upTo(500)) });

/** Of an instance or a task; text, as all of a URL and of a form is. */
const Id = (what: string) =>
  Type.String({ pattern: '^[1-9][0-9]{0,14}$', description: `integer: the id of ${what}` });
const AccountId = Type.String({
  pattern: '^[1-9][0-9]{7,14}$',
  description: 'integer: the id of an account',
});
const Page = orEmpty(
  Type.String({ pattern: '^[1-9][0-9]{0,5}$', description: 'integer: which page, from 1' }),
);
const Form = JsonField('the fields that the process asks for');

export const Creation = Type.Object({ process_name: ProcessName, form: Form });
export const Cancellation = Type.Object({ id: Id('an instance') });
export const InstanceAction = Type.Object({
  ...actions('create', 'cancel'),
  process_name: Type.Optional(ProcessName),
  form: Type.Optional(Form),
  id: Type.Optional(Id('an instance')),
});
export const InstanceFilter = Type.Object({
  process_name: orEmpty(ProcessName),
  status: orEmpty(InstanceStatus),
  page: Page,
});
export const InstanceById = Type.Object({ id: Id('an instance') });
export const HistoryPage = Type.Object({ history_page: Page });
export const Pages = Type.Object({ page: Page });

export const TaskById = Type.Object({ id: Id('a task') });
export const Completion = Type.Object({ id: Id('a task'), form: Form });
export const Assignment = Type.Object({ id: Id('a task'), assignee: AccountId });
export const Comment = Type.Object({
  id: Id('a task'),
  text: Characters(1, 2000, { description: '1 to 2000 characters' }),
});
export const TaskAction = Type.Object({
  ...actions('claim', 'release', 'complete', 'assign', 'comment'),
  id: Type.Optional(Id('a task')),
  form: Type.Optional(Form),
  assignee: Type.Optional(AccountId),
  text: Type.Optional(Comment.properties.text),
});

export const Deployment = Type.Object({ definition: JsonField('the definition of a process') });
export const DefinitionByName = Type.Object({ name: ProcessName });
export const Picture = Type.Object({
  format: orEmpty(Type.Union([Type.Literal('json'), Type.Literal('svg')])),
});
export const DefinitionPicture = Type.Object({
  ...Picture.properties,
  version: orEmpty(
    Type.String({ pattern: '^[1-9][0-9]{0,8}$', description: 'integer: the newest if absent' }),
  ),
});

export const AuditFilter = Type.Object({
  account: orEmpty(AccountId),
  action: orEmpty(Type.String({ pattern: '^[a-z.-]{1,64}$', description: 'like `account.created`' })),
  from: orEmpty(Type.String({ description: '`YYYY-MM-DD HH:mm:ss`, or ISO 8601 with its zone' })),
  to: orEmpty(Type.String({ description: 'the same; both are included' })),
  page: Page,
});
