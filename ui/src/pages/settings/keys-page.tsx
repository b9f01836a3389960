// API keys: made and shown once, listed by how they begin, revoked.
import { useMutation } from '@tanstack/react-query';
import { Copy, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { call } from '../../api/client.ts';
import { useAll, useMe, usePeople } from '../../api/queries.ts';
import { Badge, Empty, Failure, Skeleton, useWordsFor } from '../../components/bits.tsx';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { SelectField, TextField } from '../../components/field.tsx';
import { at } from '../../lib/time.ts';
import { useSlowNow } from '../../lib/use-now.ts';
import { SettingsFrame } from '../../sla/frame.tsx';
import { useRefresh } from '../../sla/queries.ts';
import { errorsAt } from '../../sla/use-save.ts';
import { Tick } from './parts/fields.tsx';
import { KEYS } from './types.ts';

const SCOPES = ['read', 'write', 'admin'] as const;
type Scope = (typeof SCOPES)[number];

interface ApiKey {
  id: string;
  userId: string;
  name: string;
  tokenStart: string;
  scopes: Scope[];
  createdAt: string;
  lastUsedAt: string | null;
  revokedAt: string | null;
  token?: string;
}

export function KeysPage() {
  const { t } = useTranslation();
  const keys = useAll<ApiKey>(KEYS);
  const [making, setMaking] = useState(false);
  const [all, setAll] = useState(false);
  const list = (keys.data ?? [])
    .filter((one) => all || one.revokedAt === null)
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  return (
    <SettingsFrame
      title={t('admin.pages.apiKeys')}
      hint={t('admin.hints.apiKeys')}
      acts={
        <Button kind="primary" onClick={() => setMaking(true)}>
          <Plus size={15} aria-hidden="true" />
          {t('admin.keys.new')}
        </Button>
      }
    >
      {keys.isError ? <Failure error={keys.error} again={() => void keys.refetch()} /> : null}
      {keys.isPending ? <Skeleton /> : null}
      {keys.data !== undefined && list.length === 0 ? (
        <Empty title={t('admin.keys.none')}>{t('admin.keys.noneHint')}</Empty>
      ) : null}
      <ul className="flex flex-col gap-2">
        {list.map((one) => (
          <KeyRow key={one.id} apiKey={one} />
        ))}
      </ul>
      {keys.data?.some((one) => one.revokedAt !== null) === true ? (
        <Tick label={t('admin.keys.showRevoked')} checked={all} onChange={setAll} />
      ) : null}
      <NewKey open={making} onClose={() => setMaking(false)} />
    </SettingsFrame>
  );
}

function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const { t, i18n } = useTranslation();
  const nowMs = useSlowNow();
  const people = usePeople();
  const when = (iso: string): string => at(iso, nowMs, i18n.language);
  const { name, scopes, revokedAt, lastUsedAt } = apiKey;
  const owner = people.data?.find(({ id }) => id === apiKey.userId)?.name ?? '…';
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg border border-line bg-raised px-3 py-2">
      <span className="min-w-0 flex-1 basis-56">
        <span className="flex flex-wrap items-center gap-2">
          <bdi className="font-medium break-words">{name}</bdi>
          <code className="text-xs text-soft">
            {t('admin.keys.startsWith', { start: apiKey.tokenStart })}
          </code>
        </span>
        <span className="block text-[13px] text-soft">
          {[
            owner,
            t('admin.keys.made', { at: when(apiKey.createdAt) }),
            lastUsedAt === null
              ? t('admin.keys.neverUsed')
              : t('admin.keys.used', { at: when(lastUsedAt) }),
          ].join(' · ')}
        </span>
      </span>
      <span className="flex flex-wrap gap-1">
        {scopes.map((scope) => (
          <Badge key={scope} tone={scope === 'admin' ? 'warn' : 'neutral'}>
            {t(`admin.keys.scopeShort.${scope}`)}
          </Badge>
        ))}
      </span>
      {revokedAt === null ? (
        <Revoke apiKey={apiKey} />
      ) : (
        <Badge tone="danger">{t('admin.keys.revoked', { at: when(revokedAt) })}</Badge>
      )}
    </li>
  );
}

function Revoke({ apiKey: { id, name } }: { apiKey: ApiKey }) {
  const { t } = useTranslation();
  const words = useWordsFor();
  const refresh = useRefresh();
  const [open, setOpen] = useState(false);
  const revoke = useMutation({
    mutationFn: () => call('DELETE', `${KEYS}/${id}`),
    onSuccess: async () => {
      await refresh(KEYS);
      setOpen(false);
      toast.success(t('admin.keys.revokedNow'));
    },
  });
  return (
    <>
      <Button small kind="danger" onClick={() => setOpen(true)}>
        {t('admin.keys.revoke')}
      </Button>
      <Dialog
        open={open}
        onClose={() => setOpen(false)}
        title={t('admin.keys.revokeTitle', { name })}
        hint={t('admin.keys.revokeHint')}
      >
        {revoke.isError ? (
          <p role="alert" className="mb-3 text-danger">
            {words(revoke.error)}
          </p>
        ) : null}
        <div className="flex justify-end gap-2">
          <Button onClick={() => setOpen(false)}>{t('common.cancel')}</Button>
          <Button kind="danger" busy={revoke.isPending} onClick={() => revoke.mutate()}>
            {t('admin.keys.revokeNow')}
          </Button>
        </div>
      </Dialog>
    </>
  );
}

function NewKey({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog open={open} onClose={onClose} title={t('admin.keys.new')}>
      {open ? <NewKeyForm onClose={onClose} /> : null}
    </Dialog>
  );
}

function NewKeyForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const people = usePeople();
  const words = useWordsFor();
  const refresh = useRefresh();
  const [name, setName] = useState('');
  const [userId, setUserId] = useState<string | null>(null);
  const [scopes, setScopes] = useState<Scope[]>(['read']);
  const [key] = useState(() => crypto.randomUUID());
  const whose = userId ?? me.data?.user.id ?? '';
  const make = useMutation({
    mutationFn: () =>
      call<ApiKey>('POST', KEYS, { body: { name, userId: whose, scopes }, idempotencyKey: key }),
    onSuccess: () => refresh(KEYS),
  });
  const errorAt = errorsAt(make.error);
  if (make.data?.token !== undefined) return <Once token={make.data.token} onClose={onClose} />;
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <TextField
        required
        autoFocus
        label={t('admin.name')}
        maxLength={200}
        value={name}
        error={errorAt('/name')}
        onChange={({ target }) => setName(target.value)}
      />
      <SelectField
        label={t('admin.keys.whose')}
        value={whose}
        error={errorAt('/userId')}
        onChange={({ target }) => setUserId(target.value)}
      >
        {(people.data ?? [])
          .filter(({ active }) => active)
          .map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
      </SelectField>
      <fieldset className="flex flex-col gap-1.5">
        <legend className="mb-1 text-[13px] font-medium">{t('admin.keys.scopes')}</legend>
        {SCOPES.map((scope) => (
          <Tick
            key={scope}
            label={t(`admin.keys.scopeWords.${scope}`)}
            checked={scopes.includes(scope)}
            onChange={(on) =>
              setScopes(SCOPES.filter((one) => (one === scope ? on : scopes.includes(one))))
            }
          />
        ))}
        {scopes.length === 0 ? (
          <p role="alert" className="text-xs text-danger">
            {t('admin.keys.scopeNeeded')}
          </p>
        ) : null}
      </fieldset>
      {make.isError ? (
        <p role="alert" className="text-danger">
          {words(make.error)}
        </p>
      ) : null}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button kind="primary" type="submit" disabled={scopes.length === 0} busy={make.isPending}>
          {t('admin.keys.make')}
        </Button>
      </div>
    </form>
  );
}

/** The token, this one time. */
function Once({ token, onClose }: { token: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(token);
    setCopied(true);
  };
  return (
    <div className="flex flex-col gap-3">
      <p role="status" className="rounded-md bg-warn-tint p-3 text-warn">
        {t('admin.keys.once')}
      </p>
      <code
        data-testid="token"
        className="rounded-md border border-line bg-sunken p-3 text-[13px] break-all select-all"
      >
        {token}
      </code>
      <div className="flex justify-end gap-2">
        <Button onClick={() => void copy()}>
          <Copy size={14} aria-hidden="true" />
          {t(copied ? 'admin.keys.copied' : 'admin.keys.copy')}
        </Button>
        <Button kind="primary" onClick={onClose}>
          {t('admin.keys.iHaveIt')}
        </Button>
      </div>
    </div>
  );
}
