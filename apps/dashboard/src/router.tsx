/** Every address of the dashboard. Pages are loaded when they are first visited, or when a link to them is pointed at. */
import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { isSignedOut } from './client.ts';
import { rememberedEnvironment } from './environment.tsx';
import { Shell } from './pages/shell/shell.tsx';
import { Crashed, Missing, Opening } from './pages/shell/states.tsx';
import { sessionQuery } from './queries.ts';
import * as search from './search.ts';

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({ component: Outlet });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/signin',
  validateSearch: search.SignIn,
  component: lazyRouteComponent(() => import('./pages/session/sign-in.tsx'), 'SignInPage'),
});

const start = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: async ({ context, location }) => {
    const { environments } = await signedIn(context.queryClient, location.href);
    const kept = rememberedEnvironment();
    const name = environments.find((each) => each.name === kept)?.name ?? environments[0]?.name ?? 'dev';
    throw redirect({ to: '/$env', params: { env: name }, replace: true });
  },
});

const environment = createRoute({
  getParentRoute: () => root,
  path: '/$env',
  beforeLoad: async ({ context, location }) => ({ session: await signedIn(context.queryClient, location.href) }),
  component: Shell,
});

async function signedIn(queryClient: QueryClient, from: string) {
  try {
    return await queryClient.ensureQueryData(sessionQuery);
  } catch (error) {
    if (isSignedOut(error)) throw redirect({ to: '/signin', search: { from } });
    throw error;
  }
}

const overview = createRoute({
  getParentRoute: () => environment,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/overview/overview.tsx'), 'OverviewPage'),
});
const integrations = createRoute({
  getParentRoute: () => environment,
  path: '/integrations',
  component: lazyRouteComponent(() => import('./pages/integration/list.tsx'), 'IntegrationsPage'),
});
const integration = createRoute({
  getParentRoute: () => environment,
  path: '/integrations/$key',
  validateSearch: search.Integration,
  component: lazyRouteComponent(() => import('./pages/integration/integration.tsx'), 'IntegrationPage'),
});
const ownProviders = createRoute({
  getParentRoute: () => environment,
  path: '/providers',
  component: lazyRouteComponent(() => import('./pages/provider/list.tsx'), 'OwnProvidersPage'),
});
const ownProvider = createRoute({
  getParentRoute: () => environment,
  path: '/providers/$name',
  component: lazyRouteComponent(() => import('./pages/provider/provider.tsx'), 'OwnProviderPage'),
});
// Not below /providers: "new" is a name that a provider may have.
const newProvider = createRoute({
  getParentRoute: () => environment,
  path: '/new-provider',
  component: lazyRouteComponent(() => import('./pages/provider/new.tsx'), 'NewProviderPage'),
});
const connections = createRoute({
  getParentRoute: () => environment,
  path: '/connections',
  validateSearch: search.Connections,
  component: lazyRouteComponent(() => import('./pages/connection/list.tsx'), 'ConnectionsPage'),
});
const connection = createRoute({
  getParentRoute: () => environment,
  path: '/connections/$key/$connectionId',
  validateSearch: search.Connection,
  component: lazyRouteComponent(() => import('./pages/connection/connection.tsx'), 'ConnectionPage'),
});
const record = createRoute({
  getParentRoute: () => environment,
  path: '/connections/$key/$connectionId/record',
  validateSearch: search.Record,
  component: lazyRouteComponent(() => import('./pages/connection/record.tsx'), 'RecordPage'),
});
const activity = createRoute({
  getParentRoute: () => environment,
  path: '/activity',
  validateSearch: search.Activity,
  component: lazyRouteComponent(() => import('./pages/activity/list.tsx'), 'ActivityPage'),
});
const operation = createRoute({
  getParentRoute: () => activity,
  path: '/$id',
  component: lazyRouteComponent(() => import('./pages/activity/operation.tsx'), 'OperationSheet'),
});
const captures = createRoute({
  getParentRoute: () => environment,
  path: '/captures',
  component: lazyRouteComponent(() => import('./pages/activity/captures.tsx'), 'CapturesPage'),
});
const deliveries = createRoute({
  getParentRoute: () => environment,
  path: '/deliveries',
  validateSearch: search.Deliveries,
  component: lazyRouteComponent(() => import('./pages/delivery/list.tsx'), 'DeliveriesPage'),
});
const delivery = createRoute({
  getParentRoute: () => deliveries,
  path: '/$id',
  component: lazyRouteComponent(() => import('./pages/delivery/delivery.tsx'), 'DeliverySheet'),
});
const settings = createRoute({
  getParentRoute: () => environment,
  path: '/settings',
  component: lazyRouteComponent(() => import('./pages/settings/settings.tsx'), 'SettingsPage'),
});

const tree = root.addChildren([
  signIn,
  start,
  environment.addChildren([
    overview,
    integrations,
    integration,
    ownProviders,
    ownProvider,
    newProvider,
    connections,
    connection,
    record,
    activity.addChildren([operation]),
    captures,
    deliveries.addChildren([delivery]),
    settings,
  ]),
]);

export function createAppRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queryClient },
    defaultPreload: 'intent',
    defaultPendingComponent: Opening,
    defaultPendingMs: 250,
    defaultErrorComponent: Crashed,
    defaultNotFoundComponent: Missing,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
