import { ById, Page } from '@vestibule/gateway/dialects/accounts/schemas';
import { Search } from '@vestibule/gateway/dialects/charity/schemas';
import type { DialectScope } from '@vestibule/gateway/dialects/dialect';
import { type TSchema, Type } from '@vestibule/shared/schema';
import { createTimes } from '@vestibule/shared/time-zone';
import { foldName } from '@vestibule/user/folding';
import type { FastifyRequest } from 'fastify';
import { Refusal } from './refusal.ts';
import type { Sessions } from './sessions.ts';
import type { Statements } from './statements.ts';

const perPage = 15;
const idsPerPage = 1000;
const text = Type.String();
const integer = Type.Integer();

/** In the order in which the platform writes the fields, for the serializers. */
const record = { email: text, id: integer, name: text, nickname: text, phone: text, position: text };
const answer = <S extends TSchema>(data: S) =>
  Type.Object({ cmd: text, data, message: text, status: Type.Boolean() });
const User = answer(Type.Object(record));
const Users = answer(
  Type.Object({
    total: integer,
    per_page: integer,
    current_page: integer,
    last_page: integer,
    data: Type.Array(Type.Object({ ...record, account_status: text, create_time: text })),
  }),
);
const Found = Type.Object({ code: integer, msg: text, data: Type.Object({ id_list: Type.Array(text) }) });

const statusWords = { pending: '未审核', active: '已审核', frozen: '已冻结', deleted: '已删除' };

/** A record by its id, the list with its total, and the search. */
export function accountRoutes(
  app: DialectScope,
  { statements, sessions }: { statements: Statements; sessions: Sessions },
): void {
  const time = createTimes('Asia/Shanghai');

  async function insistOnAdmin(request: FastifyRequest): Promise<void> {
    const { role, status } = await sessions.callerOf(request);
    if (role !== 'admin' || status !== 'active') throw new Refusal(403, '没有权限');
  }

  app.get('/user/:id', { schema: { params: ById, response: { 200: User } } }, async (request) => {
    const caller = await sessions.callerOf(request);
    const id = Number(request.params.id);
    if (id !== caller.id && caller.role !== 'admin') throw new Refusal(403, '没有权限');
    const row = await statements.record(id);
    if (row === undefined || row.status === 'deleted') throw new Refusal(404, '用户不存在');
    const { email, name, nickname, phone, position } = row;
    const data = { email, id, name, nickname: nickname ?? '', phone, position };
    return { cmd: `user/${id}`, data, message: 'success', status: true };
  });

  app.get('/list/user', { schema: { querystring: Page, response: { 200: Users } } }, async (request) => {
    await insistOnAdmin(request);
    const page = Number(request.query.page || 1);
    const { total, accounts } = await statements.page(perPage, (page - 1) * perPage);
    const data = {
      total,
      per_page: perPage,
      current_page: page,
      last_page: Math.max(1, Math.ceil(total / perPage)),
      data: accounts.map(({ status, created_at, nickname, ...row }) => ({
        ...row,
        nickname: nickname ?? '',
        account_status: statusWords[status],
        create_time: time(created_at.toISOString()).slice(0, -':ss'.length),
      })),
    };
    return { cmd: 'list/user', data, message: 'success', status: true };
  });

  app.post('/user/search', { schema: { body: Search, response: { 200: Found } } }, async (request) => {
    await insistOnAdmin(request);
    const { first_name = '', page } = request.body;
    const offset = (Number(page || 1) - 1) * idsPerPage;
    const ids = await statements.search(foldName(first_name), idsPerPage, offset);
    return { code: 200, msg: '', data: { id_list: ids.map(String) } };
  });
}
