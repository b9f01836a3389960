// Adds every admin resource: who works here, what rules hold, what the desk can be reached by.
import type { ApiDeps, App } from '../app-env.ts';
import { registerAudit } from './audit.ts';
import { registerAvailabilityPreview } from './availability-preview.ts';
import { registerCalendars } from './calendars.ts';
import { registerChannels } from './channels.ts';
import { registerKeys } from './keys.ts';
import { registerOutOfOffice } from './out-of-office.ts';
import { registerPeople } from './people.ts';
import { registerPipelines } from './pipelines.ts';
import { registerPolicies } from './policies.ts';
import { registerRoles } from './roles.ts';
import { registerRollouts } from './rollouts.ts';
import { registerRouting } from './routing.ts';
import { registerRoutingTrials } from './routing-trials.ts';
import { registerSidebarLayouts } from './sidebar-layouts.ts';
import { registerSimulations } from './simulations.ts';
import { registerSettings } from './settings.ts';
import { registerUserAccounts } from './user-accounts.ts';

/** Every admin resource. */
export function registerAdmin(app: App, deps: ApiDeps): void {
  registerPolicies(app, deps);
  registerCalendars(app, deps);
  registerRollouts(app, deps);
  registerSimulations(app, deps);
  registerRouting(app, deps);
  registerRoutingTrials(app, deps);
  registerRoles(app, deps);
  registerPeople(app, deps);
  registerUserAccounts(app, deps);
  registerOutOfOffice(app, deps);
  registerAvailabilityPreview(app, deps);
  registerChannels(app, deps);
  registerKeys(app, deps);
  registerPipelines(app, deps);
  registerSettings(app, deps);
  registerSidebarLayouts(app, deps);
  registerAudit(app, deps);
}
