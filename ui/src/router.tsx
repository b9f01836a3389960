// The addresses of the workspace. Pages beside the daily ones come when they are opened.
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { ApiError } from './api/client.ts';
import { queryClient } from './api/query-client.ts';
import { meQuery } from './api/queries.ts';
import { inboxSearch } from './lib/inbox-search.ts';
import { Inbox } from './pages/inbox.tsx';
import { PageFault } from './pages/page-fault.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { Shell } from './shell/shell.tsx';

const root = createRootRoute({ component: Outlet });

/** Where somebody who is not signed in wanted to go: a path of ours, or nowhere. */
const ownPath = (value: unknown): string | undefined =>
  typeof value === 'string' && /^\/(?![/\\])/.test(value) ? value : undefined;

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: SignIn,
  validateSearch: (search: Record<string, unknown>): { to?: string } => {
    const to = ownPath(search['to']);
    return to === undefined ? {} : { to };
  },
});

const desk = createRoute({
  getParentRoute: () => root,
  id: 'desk',
  component: Shell,
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(meQuery);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401)
        redirect({ to: '/sign-in', search: { to: location.href }, throw: true });
      throw error;
    }
  },
});

const home = createRoute({
  getParentRoute: () => desk,
  path: '/',
  beforeLoad: () => {
    redirect({ to: '/views/$viewId', params: { viewId: 'assignedToMe' }, throw: true });
  },
});

const view = createRoute({
  getParentRoute: () => desk,
  path: '/views/$viewId',
  component: Inbox,
  validateSearch: inboxSearch,
});
const ticketInView = createRoute({
  getParentRoute: () => view,
  path: '/tickets/$ticketId',
  component: () => null,
});
const ticketPage = createRoute({
  getParentRoute: () => desk,
  path: '/tickets/$ticketId',
  component: lazyRouteComponent(() => import('./pages/ticket-page.tsx'), 'TicketPage'),
});

const settings = createRoute({
  getParentRoute: () => desk,
  path: '/settings',
  beforeLoad: ({ location }) => {
    if (/^\/settings\/?$/.test(location.pathname))
      redirect({ to: '/settings/sla-policies', throw: true });
  },
});
const slaPolicies = createRoute({
  getParentRoute: () => settings,
  path: '/sla-policies',
  component: lazyRouteComponent(() => import('./sla/policies-page.tsx'), 'PoliciesPage'),
});
const slaPolicy = createRoute({
  getParentRoute: () => settings,
  path: '/sla-policies/$policyId',
  component: lazyRouteComponent(() => import('./sla/policy-page.tsx'), 'PolicyPage'),
});
const calendars = createRoute({
  getParentRoute: () => settings,
  path: '/calendars',
  component: lazyRouteComponent(() => import('./sla/calendars-page.tsx'), 'CalendarsPage'),
});
const calendar = createRoute({
  getParentRoute: () => settings,
  path: '/calendars/$calendarId',
  component: lazyRouteComponent(() => import('./sla/calendar-page.tsx'), 'CalendarPage'),
});

const tree = root.addChildren([
  signIn,
  desk.addChildren([
    home,
    view.addChildren([ticketInView]),
    ticketPage,
    settings.addChildren([slaPolicies, slaPolicy, calendars, calendar]),
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  defaultErrorComponent: PageFault,
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
