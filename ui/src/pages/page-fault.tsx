// A page that failed: what went wrong in words, and the way back. What was typed is kept on this device.
import type { ErrorComponentProps } from '@tanstack/react-router';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Empty, Failure } from '../components/bits.tsx';

export function PageFault({ error, reset }: ErrorComponentProps) {
  return <Failure error={error} again={reset} />;
}

/** An address that is no page. */
export function NoPage() {
  const { t } = useTranslation();
  return (
    <Empty title={t('errors.notFound')}>
      <Link to="/" className="text-accent underline">
        {t('common.back')}
      </Link>
    </Empty>
  );
}
