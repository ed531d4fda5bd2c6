import { readConfig } from '@vestibule/shared/config';
import { defineService } from '@vestibule/shared/service';
import { ProcessSettings } from './config.ts';
import { processService } from './index.ts';

export const processes = defineService({
  name: 'process',
  opsPort: 3104,
  schema: ProcessSettings,
  readSettings: (environment) => readConfig(ProcessSettings, environment),
  plugin: processService,
});
