import { readConfig } from '@vestibule/shared/config';
import { defineService } from '@vestibule/shared/service';
import { UserSettings } from './config.ts';
import { userService } from './index.ts';

export const user = defineService({
  name: 'user',
  opsPort: 3102,
  readSettings: (environment) => readConfig(UserSettings, environment),
  plugin: userService,
});
