import { en } from './en.ts';
import type { Messages } from './en.ts';
import { admin } from './fr-admin.ts';
import { slaAdmin } from './fr-sla-admin.ts';

export const fr: Messages = { ...en, admin, slaAdmin };
