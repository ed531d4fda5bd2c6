import { defineService } from '@vestibule/shared/service';
import { readVerificationSettings, VerificationSettings } from './config.ts';
import { verificationService } from './index.ts';

export const verification = defineService({
  name: 'verification',
  opsPort: 3103,
  schema: VerificationSettings,
  readSettings: readVerificationSettings,
  plugin: verificationService,
});
