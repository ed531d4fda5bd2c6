import { defineService } from '@vestibule/shared/service';
import { readAuthSettings } from './config.ts';
import { authService } from './index.ts';

export const auth = defineService({
  name: 'auth',
  opsPort: 3101,
  readSettings: readAuthSettings,
  plugin: authService,
});
