// Opening a ticket by hand, from anywhere.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef } from 'react';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { ApiError, call } from '../api/client.ts';
import type { Ticket } from '../api/types.ts';
import { useWordsFor } from '../components/bits.tsx';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { SelectField, TextArea, TextField } from '../components/field.tsx';
import { textOf } from '../lib/form.ts';
import { shellStore, useShell } from '../shell/shell-store.ts';
import { PRIORITIES } from './labels.tsx';

const close = (): void => shellStore.set({ createOpen: false });

export function CreateTicket() {
  const { t } = useTranslation();
  const { createOpen } = useShell();
  return (
    <Dialog wide open={createOpen} onClose={close} title={t('create.title')}>
      {createOpen ? <Form /> : null}
    </Dialog>
  );
}

function Form() {
  const { t } = useTranslation();
  const words = useWordsFor();
  const client = useQueryClient();
  const navigate = useNavigate();
  const key = useRef(crypto.randomUUID());
  const create = useMutation({
    mutationFn: (body: object) =>
      call<Ticket>('POST', '/api/v1/tickets', { body, idempotencyKey: key.current }),
    onSuccess: (ticket) => {
      close();
      toast.success(t('create.done', { id: `#${ticket.id}` }));
      void client.invalidateQueries({ queryKey: ['tickets'] });
      void navigate({ to: '/tickets/$ticketId', params: { ticketId: String(ticket.id) } });
    },
    onError: (error) => {
      // What was refused made nothing, so the next try is another request; without an answer it has to stay the same one.
      if (error instanceof ApiError && error.status >= 400 && error.status < 500)
        key.current = crypto.randomUUID();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => textOf(form, name);
    const name = text('name');
    create.mutate({
      subject: text('subject'),
      ...(text('body') === '' ? {} : { body: text('body') }),
      requester: { email: text('email'), ...(name === '' ? {} : { name }) },
      priority: text('priority'),
    });
  };
  const fault = (pointer: string): string | undefined =>
    create.error instanceof ApiError
      ? create.error.errors.find((one) => one.pointer === pointer)?.message
      : undefined;
  return (
    <form className="flex flex-col gap-3" onSubmit={submit}>
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField
          autoFocus
          required
          type="email"
          name="email"
          label={t('create.requester')}
          error={fault('/requester/email')}
        />
        <TextField name="name" label={t('create.requesterName')} maxLength={200} />
      </div>
      <TextField
        required
        name="subject"
        label={t('create.subject')}
        maxLength={998}
        error={fault('/subject')}
      />
      <TextArea name="body" label={t('create.body')} rows={6} />
      <SelectField name="priority" label={t('ticket.priority')} defaultValue="normal">
        {PRIORITIES.map((one) => (
          <option key={one} value={one}>
            {t(`ticket.priorities.${one}`)}
          </option>
        ))}
      </SelectField>
      {create.isError ? (
        <p role="alert" className="text-danger">
          {words(create.error)}
        </p>
      ) : null}
      <div className="flex justify-end gap-2">
        <Button onClick={close}>{t('common.cancel')}</Button>
        <Button kind="primary" type="submit" busy={create.isPending}>
          {t('create.submit')}
        </Button>
      </div>
    </form>
  );
}
