/** Starts the dashboard: reading cache, routes, toasts and questions. A member who is signed out lands on the sign-in page from anywhere. */
import './without-eval.ts';
import './styles.css';
import { ApiError } from '@bowline/api/client';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { isSignedOut } from './client.ts';
import { createAppRouter } from './router.tsx';
import { Confirmations } from './ui/confirm.tsx';
import { Toasts } from './ui/toast.tsx';

const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: leaveWhenSignedOut }),
  defaultOptions: {
    queries: { staleTime: 10_000, retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status < 500) },
  },
});
const router = createAppRouter(queryClient);

function leaveWhenSignedOut(error: unknown): void {
  if (!isSignedOut(error) || router.state.location.pathname === '/signin') return;
  const from = router.state.location.href;
  queryClient.clear();
  void router.navigate({ to: '/signin', search: { from } });
}

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
      <Confirmations />
      <Toasts />
    </QueryClientProvider>
  </StrictMode>,
);
