import { processPageSize } from '@vestibule/shared/contracts/process';
import { Audit, Export, Instance } from './answer-schemas.ts';
import { exampleInstance } from './examples.ts';
import { auditPageSize } from './export.ts';
import { asked, described } from './operation.ts';
import { good, list } from './present.ts';
import { AuditFilter, Closing, Pages } from './schemas.ts';
import { exampleUser } from './user-operations.ts';

/** The operations on what is kept of accounts and of what was done. */
export const recordOperations = {
  export: asked({
    access: 'own-record',
    summary: "All that is kept of the token's account, with a page of its processes and of its audit log",
    address: { querystring: Pages },
    answer: Export,
    good: good({
      user: {
        ...exampleUser,
        status: 'active',
        nickname: '',
        first_name: '',
        last_name: '',
        position: '',
        qq: '',
        cardno: '',
        wxid: '',
      },
      identities: [{ kind: 'wechat', value: 'o6_bmjrPTlm6_2sgVt7hMZOPfL2M' }],
      has_password: false,
      avatar: null,
      searches: [],
      sessions: [{ created_at: '2020-03-26 11:34:29', expires_at: '2020-04-25 11:34:29', ended_at: null }],
      processes: list(1, processPageSize, 0, []),
      audit: list(1, auditPageSize, 0, []),
    }),
    refusals: ['session-dead', 'input-invalid'],
  }),
  close: described({
    access: 'audited-account',
    summary: "Asks for the deletion of the token's account (注销), which an administrator decides",
    body: Closing,
    example: { reason: '不再使用' },
    answer: Instance,
    good: good({ ...exampleInstance, process_name: 'account_closure', form: { reason: '不再使用' } }),
    refusals: ['session-dead', 'account-pending', 'input-invalid', 'process-running'],
  }),
  audit: asked({
    access: 'admin',
    summary: 'A page of the audit log, newest first, for administrators',
    address: { querystring: AuditFilter },
    answer: Audit,
    good: good(
      list(1, processPageSize, 1, [
        {
          number: 1,
          at: '2020-03-26 11:34:29',
          action: 'account.created',
          actor_id: null,
          account_id: 51923482,
          address: '203.0.113.7',
          request_id: '3a93c15d-92e9-4fa7-88e6-66f0134a2961',
          details: { role: 'normal', status: 'active' },
        },
      ]),
    ),
    refusals: ['session-dead', 'account-pending', 'not-allowed', 'input-invalid'],
  }),
};
