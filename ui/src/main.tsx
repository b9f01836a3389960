// The workspace's start: theme, language, router, and the service worker that makes it an app.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { startLanguage } from './i18n/start.ts';
import { applyTheme } from './lib/theme.ts';
import { keepCurrent } from './lib/keep-current.ts';
import './styles.css';

if (import.meta.env.PROD) keepCurrent();
applyTheme();
await startLanguage();
const root = document.getElementById('root');
if (root === null) throw new Error('The page has no root.');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
