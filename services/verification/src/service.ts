import { defineService } from '@vestibule/shared/service';
import { readVerificationSettings } from './config.ts';
import { verificationService } from './index.ts';

export const verification = defineService({
  name: 'verification',
  opsPort: 3103,
  readSettings: readVerificationSettings,
  plugin: verificationService,
});
