/** Starts the page that a connect link opens. Whoever sees it is a customer of our customer: nobody is signed in, and no page of the dashboard is loaded. */
import '../../without-eval.ts';
import '../../styles.css';
import '../../theme.ts';
import { ApiError } from '@bowline/api/client';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ConnectPage } from './page.tsx';
import { takeToken } from './token.ts';

const token = takeToken();
const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false, // would take away what is being typed when the session ends meanwhile
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status < 500),
    },
  },
});

const root = document.getElementById('root');
if (!root) throw new Error('connect/index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <ConnectPage token={token} />
    </QueryClientProvider>
  </StrictMode>,
);
