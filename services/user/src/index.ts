import { randomInt, randomUUID } from 'node:crypto';
import { userContracts } from '@vestibule/shared/contracts/user';
import type { Registry } from '@vestibule/shared/metrics';
import { openOutbox } from '@vestibule/shared/outbox/open-outbox';
import type { Parts } from '@vestibule/shared/parts';
import { sessionCopies } from '@vestibule/shared/session-copies';
import { startUpkeep } from '@vestibule/shared/upkeep';
import type { FastifyPluginAsync } from 'fastify';
import { createAccess } from './access.ts';
import { createAccessRepository } from './access-repository.ts';
import { createAccountBlocks } from './account-blocks.ts';
import { createAccountBlocksRepository } from './account-blocks-repository.ts';
import { createAccountExport } from './account-export.ts';
import { createAccountExportRepository } from './account-export-repository.ts';
import { createAccountIds } from './account-id.ts';
import { createAccountList } from './account-list.ts';
import { createAccountListRepository } from './account-list-repository.ts';
import { createAccounts } from './accounts.ts';
import { createAccountsRepository } from './accounts-repository.ts';
import { createAvatars } from './avatars.ts';
import { createAvatarsRepository } from './avatars-repository.ts';
import { createChangeLog } from './change-log.ts';
import { createChange } from './changes.ts';
import type { UserSettings } from './config.ts';
import { createErasures } from './erasures.ts';
import { createErasuresRepository } from './erasures-repository.ts';
import { createHandlers } from './handlers.ts';
import { createHistory } from './history.ts';
import { createHistoryRepository } from './history-repository.ts';
import { createIdentityDigest } from './identity-digest.ts';
import { migrations } from './migrations/index.ts';
import { createProfiles } from './profiles.ts';
import { createProfilesRepository } from './profiles-repository.ts';
import type { UserTables } from './tables.ts';

const dayMs = 86_400_000;

type UserOptions = {
  parts: Parts;
  settings: UserSettings;
  /** What `/metrics` of this process shows. */
  metrics?: Registry;
};

/** The user service: owns accounts, identities, password hashes, avatars and search histories. */
export const userService: FastifyPluginAsync<UserOptions> = async (
  app,
  { parts: { bus, database, events, store, clock }, settings, metrics },
) => {
  const db = await database.open<UserTables>({ schema: 'users', migrations });
  const logger = app.log;
  const changeLog = createChangeLog({ logger });
  const outbox = openOutbox({
    db,
    events,
    clock,
    logger,
    pollMs: settings.OUTBOX_POLL_MS,
    metrics: metrics && { registry: metrics, service: 'user' },
  });
  app.addHook('onClose', () => outbox.stop());
  const change = createChange({ db, outbox });
  const digestOf = createIdentityDigest(settings.KEYS_SECRET);
  const accounts = createAccounts({
    repository: createAccountsRepository({ db, outbox, digestOf }),
    accountIds: createAccountIds({
      randomInt,
      digits: settings.ACCOUNT_ID_DIGITS,
      triesPerLength: settings.ACCOUNT_ID_TRIES,
    }),
    clock,
    changeLog,
  });
  const access = createAccess({
    repository: createAccessRepository({ db, change }),
    copies: sessionCopies({ store, clock }),
    clock,
    logger,
    changeLog,
  });
  const history = createHistory({
    repository: createHistoryRepository({ db }),
    length: settings.HISTORY_LENGTH,
  });
  const accountList = createAccountList({ repository: createAccountListRepository({ db, logger }) });
  const accountExport = createAccountExport({ repository: createAccountExportRepository({ db }) });
  const avatars = createAvatars({ repository: createAvatarsRepository({ db }) });
  const profiles = createProfiles({
    repository: createProfilesRepository({ db, change, digestOf }),
    clock,
    changeLog,
  });
  const handlers = createHandlers({
    accounts,
    accountExport,
    accountList,
    avatars,
    access,
    history,
    profiles,
  });
  const served = await bus.serve({ name: 'user', version: '1.0.0', contracts: userContracts, handlers });
  const erasures = createErasures({
    repository: createErasuresRepository({ change, digestOf }),
    afterMs: settings.ERASE_AFTER_DAYS * dayMs,
    clock,
    newId: randomUUID,
    logger,
  });
  const accountBlocks = createAccountBlocks({ repository: createAccountBlocksRepository({ db }) });
  const upkeep = startUpkeep({
    tasks: { erasures: erasures.erase, 'account-blocks': accountBlocks.close },
    intervalMs: settings.UPKEEP_INTERVAL * 1000,
    logger,
  });
  app.addHook('onClose', async () => {
    await served.drain();
    await upkeep.stop();
  });
};
