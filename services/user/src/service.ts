import { defineService } from '@vestibule/shared/service';
import { readUserSettings, UserSettings } from './config.ts';
import { userService } from './index.ts';

export const user = defineService({
  name: 'user',
  opsPort: 3102,
  schema: UserSettings,
  readSettings: readUserSettings,
  plugin: userService,
});
