import { en } from './en.ts';
import type { Messages } from './en.ts';
import { admin } from './de-admin.ts';
import { slaAdmin } from './de-sla-admin.ts';

export const de: Messages = { ...en, admin, slaAdmin };
