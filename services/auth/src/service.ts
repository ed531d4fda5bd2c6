import { defineService } from '@vestibule/shared/service';
import { AuthSettings, readAuthSettings } from './config.ts';
import { authService } from './index.ts';

export const auth = defineService({
  name: 'auth',
  opsPort: 3101,
  schema: AuthSettings,
  readSettings: readAuthSettings,
  plugin: authService,
  notesItself: true,
});
