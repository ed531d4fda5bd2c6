import { defineService } from '@vestibule/shared/service';
import { readUserSettings } from './config.ts';
import { userService } from './index.ts';

export const user = defineService({
  name: 'user',
  opsPort: 3102,
  readSettings: readUserSettings,
  plugin: userService,
});
