// Everything pages share: the cache of answers, the router, toasts.
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Toaster } from 'sonner';
import { queryClient } from './api/query-client.ts';
import { router } from './router.tsx';

export function App() {
  const { t } = useTranslation();
  return (
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
      <Toaster
        containerAriaLabel={t('notices.title')}
        position="top-center"
        toastOptions={{ className: 'font-sans', duration: 6000 }}
        offset={16}
        closeButton
      />
    </QueryClientProvider>
  );
}
