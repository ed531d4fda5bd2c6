import { Validator } from '@seriousme/openapi-schema-validator';
import t from 'tap';
import { clientOf } from './harness/client.ts';
import { fakeParts } from './harness/fakes.ts';
import { startGateway } from './harness/platform.ts';

const { parts } = await fakeParts({});
const app = await startGateway(t, parts);
const client = clientOf(app);

type Media = { schema: object; example?: object; examples?: Record<string, { value: object }> };
type Described = {
  summary: string;
  tags: string[];
  security?: object[];
  parameters?: { name: string; in: string; required?: boolean }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { content: Record<string, Media> }>;
};
type Document = {
  openapi: string;
  tags: { name: string }[];
  paths: Record<string, Record<string, Described>>;
};

const document = (await client.get('/openapi.json')).body as Document;
const described = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);
t.test('the document is valid OpenAPI 3.1', async (t) => {
  t.equal(document.openapi, '3.1.0');
  const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(document)));
  t.equal(valid, true, JSON.stringify(errors));
});

t.test('it lists every operation of the documents, grouped by dialect', async (t) => {
  const listed = (tag: string) =>
    described
      .filter(({ operation }) => operation.tags.includes(tag))
      .map(({ method, path }) => `${method} ${path}`);
  t.strictSame(listed('accounts'), [
    'put /signUp',
    'post /login',
    'get /list/user',
    'get /user/{id}',
    'put /user/{id}',
    'delete /user/{id}',
    'get /user/{id}/avatar',
    'put /audit/user/{id}',
    'get /captcha',
  ]);
  t.strictSame(listed('charity'), [
    'post /user/register',
    'post /user/login',
    'post /user/permission',
    'post /user/status',
    'post /user/changepassword',
    'post /user/changeinformation',
    'post /user/search',
    'post /user/getuser',
  ]);
  t.strictSame(listed('openid'), [
    'post /service/user/login',
    'post /service/user/getOpenid',
    'post /service/user/loginByOpenid',
    'post /service/user/get',
    'post /service/user/update',
    'post /service/user/addHistory',
    'post /service/user/getHistory',
    'post /service/user/cleanHistory',
  ]);
  t.strictSame(listed('medicine'), [
    'get /api/1.0/imageCode',
    'post /api/1.0/smsCode',
    'post /api/1.0/register',
    'post /api/1.0/sessions',
    'delete /api/1.0/sessions',
  ]);
  t.strictSame(listed('repair'), [
    'post /api/user',
    'get /api/user',
    'post /api/login',
    'post /auth/user',
    'get /auth/user',
    'post /auth/login',
    'get /api/process/definition',
    'post /api/process/definition',
    'get /api/process/definition/{name}/diagram',
    'post /api/process/instance',
    'get /api/process/instance',
    'get /api/process/instance/{id}',
    'get /api/process/instance/{id}/diagram',
    'get /api/process/task',
    'post /api/process/task',
    'get /api/user/export',
    'post /api/user/close',
    'get /api/audit',
  ]);
  t.equal(described.length, 48);
});

t.test(
  'each operation has its body, if any, in three kinds with an example, and its answers, good and bad',
  async (t) => {
    for (const { path, method, operation } of described) {
      const content = operation.requestBody?.content ?? {};
      const takesBody = method === 'post' || method === 'put';
      t.strictSame(
        Object.keys(content),
        takesBody ? ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'] : [],
        path,
      );
      for (const media of Object.values(content)) t.match(media, { example: Object }, path);
      t.ok(operation.summary, path);
      const tags = operation.tags.join();
      const limited = tags === 'medicine' ? [] : ['429'];
      for (const status of ['200', '400', '413', '415', '500', '503', ...limited]) {
        t.match(
          operation.responses[status]?.content['application/json'],
          { examples: Object, schema: Object },
          path,
        );
      }
    }
  },
);

t.test('the examples are what the gateway takes and answers', async (t) => {
  for (const { path, method, operation } of described) {
    if (method !== 'post' || operation.tags.includes('accounts')) continue;
    const { example = {} } = operation.requestBody?.content['application/json'] ?? {};
    const answer = await client.post(path, example);
    t.not(answer.status, 400, path);
    t.notMatch(answer.body, { code: 400 }, `${path} takes its example`);
    t.notMatch(answer.body, { code: -1 }, `${path} takes its example`);
    t.notMatch(answer.body, { re_code: '4103' }, `${path} takes its example`);
  }
});

t.test('an operation without a body shows its query, its picture and its bad answers', async (t) => {
  const shown = document.paths['/api/1.0/imageCode']?.get;
  t.equal(shown?.requestBody, undefined);
  t.match(shown?.parameters, [
    { name: 'uuid', in: 'query', required: true },
    { name: 'last_uuid', in: 'query', required: false },
  ]);
  t.same(shown?.responses['200']?.content['image/png']?.schema, { type: 'string', format: 'binary' });
  t.match(shown?.responses['200']?.content['application/json']?.examples, {
    'address-limited': { value: { re_code: '4202', msg: 'IP受限' } },
  });
});

t.test("the documents' own examples are shown", async (t) => {
  const good = (path: string, method = 'post') =>
    document.paths[path]?.[method]?.responses['200']?.content['application/json']?.examples?.good?.value;
  t.strictSame(good('/login'), {
    cmd: 'login',
    data: { account_status: 1, id: 3, nickname: 'admin', token: 'eyJhbG...', user_level: 1 },
    message: '登录成功',
    status: true,
  });
  t.strictSame(good('/user/{id}', 'get'), {
    status: true,
    data: {
      email: 'abc@abc.com',
      id: 57,
      name: '测试用户5',
      nickname: '测试用户5',
      phone: '123...',
      position: '职位1',
    },
    message: 'success',
    cmd: 'user/57',
  });
  t.strictSame(good('/user/{id}', 'put'), { status: true, data: [], message: 'success', cmd: 'user/45' });
  t.strictSame(good('/audit/user/{id}', 'put'), {
    status: true,
    data: [],
    message: 'success',
    cmd: 'audit/user',
  });
  t.strictSame(good('/user/{id}', 'delete'), {
    status: true,
    data: true,
    message: 'success',
    cmd: 'user/46',
  });
  t.match(good('/list/user', 'get'), {
    data: { total: 50, per_page: 15, current_page: 1, last_page: 4, data: [{ account_status: '已审核' }] },
    cmd: 'list/user',
  });
  t.match(good('/captcha', 'get'), {
    cmd: 'captcha',
    data: { id: 'f91737...', picture: 'data:image/png;base64,iVBORw...' },
  });
  t.strictSame(good('/user/register'), {
    code: 200,
    msg: '',
    data: {
      id: '51923482',
      token: '3a93c15d92e94fa788e666f0134a2961',
      role: 'donor',
      first_name: 'Sara',
      last_name: 'Hammer',
    },
  });
  t.strictSame(good('/user/search'), {
    code: 200,
    msg: '',
    data: { id_list: ['70671574', '64162251', '51923482'] },
  });
  t.strictSame(good('/service/user/login'), {
    code: 0,
    msg: 'success',
    data: {
      id: 1,
      openid: 'xxxxxxxx',
      phone: '12345678912',
      qq: '张三',
      cardno: '0111111111111',
      wxid: 'weixin_id123',
      created_at: '2020-03-26 11:34:29',
      modified_at: '2020-03-26 11:34:35',
    },
  });
  const refused =
    document.paths['/user/login']?.post?.responses['200']?.content['application/json']?.examples;
  t.match(refused, {
    'credentials-wrong': { value: { code: 401, msg: 'Incorrect username or password' } },
    'account-inactive': { value: { code: 403, msg: 'Account status is abnormal' } },
  });
});

t.test('files, pictures and what a path names are described', async (t) => {
  const { signUp, user, avatar } = {
    signUp: document.paths['/signUp']?.put,
    user: document.paths['/user/{id}']?.put,
    avatar: document.paths['/user/{id}/avatar']?.get,
  };
  t.match(signUp?.requestBody?.content['multipart/form-data']?.schema, {
    properties: { avatar: { type: 'string', format: 'binary' } },
  });
  t.match(user?.parameters, [{ name: 'id', in: 'path' }]);
  t.match(document.paths['/list/user']?.get?.parameters, [{ name: 'page', in: 'query' }]);
  t.strictSame(Object.keys(avatar?.responses['200']?.content ?? {}), [
    'image/png',
    'image/jpeg',
    'image/bmp',
    'application/json',
  ]);
  t.ok(avatar?.responses['304']);
  const diagram = document.paths['/api/process/instance/{id}/diagram']?.get;
  t.strictSame(Object.keys(diagram?.responses['200']?.content ?? {}), ['application/json', 'image/svg+xml']);
  t.match(diagram?.parameters, [
    { name: 'format', in: 'query', required: false },
    { name: 'id', in: 'path', required: true },
  ]);
});

t.test('who needs a token is told so', async (t) => {
  const needs = (path: string) => document.paths[path]?.post?.security ?? [];
  const any = [{ bearer: [] }, { token: [] }, { cookie: [] }];
  t.strictSame(needs('/user/search'), any);
  t.strictSame(needs('/user/register'), [{}, ...any]);
  t.strictSame(needs('/user/login'), []);
  t.strictSame(needs('/api/process/task'), any);
  t.strictSame(needs('/auth/user'), [{}, ...any]);
  t.strictSame(needs('/service/user/get'), []);
});

t.test('no route that changes something is missing in the document', async (t) => {
  const lines = app.printRoutes({ commonPrefix: false }).match(/\(.*(POST|PUT|PATCH|DELETE).*\)/g) ?? [];
  const routes = lines.join().match(/POST|PUT|PATCH|DELETE/g) ?? [];
  t.equal(routes.length, described.filter(({ method }) => method !== 'get').length);
  for (const { path, method } of described) {
    const url = path.replaceAll(/\{(\w+)\}/g, ':$1');
    t.ok(app.hasRoute({ method: method.toUpperCase() as 'GET', url }), path);
  }
});
