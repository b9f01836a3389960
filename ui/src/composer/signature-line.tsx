// The signature below the words, as it will leave, with the way out and back.
import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ReplyDefaults } from '../api/types.ts';

/** Whether there is one. */
export const hasSignature = (signature: ReplyDefaults['signature'] | undefined): boolean =>
  signature !== undefined && (signature.text.trim() !== '' || signature.html !== null);

/** One in HTML alone is shown by its words. */
function wordsOf({ text, html }: ReplyDefaults['signature']): string {
  if (text.trim() !== '') return text;
  return new DOMParser().parseFromString(html ?? '', 'text/html').body.textContent ?? '';
}

export function SignatureLine({
  signature,
  on,
  onChange,
}: {
  signature: ReplyDefaults['signature'] | undefined;
  on: boolean;
  onChange: (on: boolean) => void;
}) {
  const { t } = useTranslation();
  if (signature === undefined || !hasSignature(signature)) return null;
  if (!on) {
    return (
      <button
        type="button"
        onClick={() => onChange(true)}
        className="mb-1 self-start text-xs text-soft underline"
      >
        {t('composer.addSignature')}
      </button>
    );
  }
  return (
    <div className="mb-1 flex items-start gap-2 text-[13px] text-soft">
      <p
        dir="auto"
        aria-label={t('composer.signature')}
        role="note"
        className="max-h-24 min-w-0 flex-1 overflow-y-auto whitespace-pre-line"
      >
        {`-- \n${wordsOf(signature)}`}
      </p>
      <button
        type="button"
        aria-label={t('composer.removeSignature')}
        onClick={() => onChange(false)}
        className="rounded p-1 hover:bg-sunken hover:text-ink"
      >
        <X size={13} aria-hidden="true" />
      </button>
    </div>
  );
}
