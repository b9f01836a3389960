// The files of a message: those that are there, and those on their way.
import { Paperclip, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { File } from './content.ts';
import type { Uploads } from './uploads.ts';

const BOX =
  'inline-flex items-center gap-1.5 rounded-md border border-line bg-sunken px-2 py-1 text-[13px]';

export function UploadList({
  files,
  pending,
  onRemove,
}: {
  files: File[];
  pending: Uploads['pending'];
  onRemove: (file: File) => void;
}) {
  const { t } = useTranslation();
  if (files.length + pending.length === 0) return null;
  return (
    <ul className="mb-2 flex flex-wrap gap-1.5">
      {files.map((file) => (
        <li key={file.id} className={BOX}>
          <Paperclip size={12} aria-hidden="true" />
          <bdi className="max-w-48 truncate">{file.name}</bdi>
          <button
            type="button"
            aria-label={`${t('common.remove')} ${file.name}`}
            onClick={() => onRemove(file)}
          >
            <X size={12} aria-hidden="true" />
          </button>
        </li>
      ))}
      {pending.map(({ key, name }) => (
        <li key={key} className={BOX} role="status">
          <bdi className="max-w-48 truncate">{t('composer.uploading', { name })}</bdi>
        </li>
      ))}
    </ul>
  );
}
