import { en } from './en.ts';
import type { Messages } from './en.ts';
import { slaAdmin } from './de-sla-admin.ts';

export const de: Messages = { ...en, slaAdmin };
