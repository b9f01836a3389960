// One's own signature: what stands below one's replies.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { call } from '../../api/client.ts';
import { Failure, Skeleton, useWordsFor } from '../../components/bits.tsx';
import { Button } from '../../components/button.tsx';
import { htmlOf } from '../../composer/content.ts';
import { RichText } from '../../composer/rich-text.tsx';
import type { RichWords } from '../../composer/rich-text.tsx';

interface Signature {
  text: string;
  html: string | null;
}
const PATH = '/api/v1/me/signature';

export function SignatureForm() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const words = useWordsFor();
  const saved = useQuery({ queryKey: ['signature'], queryFn: () => call<Signature>('GET', PATH) });
  const [typed, setTyped] = useState<RichWords | null>(null);
  const save = useMutation({
    mutationFn: ({ text, html }: RichWords) =>
      call<Signature>('PUT', PATH, { body: { text, html: text === '' ? null : html } }),
    onSuccess: (signature) => {
      client.setQueryData(['signature'], signature);
      void client.invalidateQueries({ queryKey: ['reply-defaults'] });
      setTyped(null);
      toast.success(t('account.changed'));
    },
  });
  if (saved.isError) return <Failure error={saved.error} again={() => void saved.refetch()} />;
  if (saved.data === undefined) return <Skeleton lines={3} />;
  const { text, html } = saved.data;
  return (
    <div className="flex flex-col gap-3">
      <p className="text-[13px] text-soft">
        {t('canned.signatureHint', { list: '{{agent.name}}, {{desk.name}}' })}
      </p>
      <RichText
        label={t('canned.signature')}
        html={typed?.html ?? html ?? htmlOf(text)}
        onChange={setTyped}
      />
      {save.isError ? (
        <p role="alert" className="text-danger">
          {words(save.error)}
        </p>
      ) : null}
      <Button
        className="self-start"
        busy={save.isPending}
        disabled={typed === null}
        onClick={() => (typed === null ? undefined : save.mutate(typed))}
      >
        {t('common.save')}
      </Button>
    </div>
  );
}
