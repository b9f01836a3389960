// The frame of pages for those who are not in yet: setup, invitation, forgotten password.
import type { FormEvent, ReactNode } from 'react';
import { useState } from 'react';
import { ApiError } from '../../api/client.ts';
import { useWordsFor } from '../../components/bits.tsx';
import { Button } from '../../components/button.tsx';
import { Logo } from '../../components/logo.tsx';

export interface DoorProps {
  title: string;
  hint?: string | undefined;
  submit: string;
  /** Sends the form; throws what the desk answers. */
  onSubmit: (form: FormData) => Promise<void>;
  children: ReactNode | ((fault: (name: string) => string | undefined) => ReactNode);
}

export function Door({ title, hint, submit, onSubmit, children }: DoorProps) {
  const words = useWordsFor();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const send = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    try {
      await onSubmit(form);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const fault = (name: string): string | undefined =>
    error instanceof ApiError
      ? error.errors.find((one) => one.pointer === `/${name}`)?.message
      : undefined;
  const named = error instanceof ApiError && error.errors.length > 0;
  return (
    <DoorFrame title={title}>
      <form onSubmit={(event) => void send(event)} className="flex flex-col gap-4">
        {hint === undefined ? null : <p className="text-soft">{hint}</p>}
        {typeof children === 'function' ? children(fault) : children}
        {error !== null && !named ? (
          <p role="alert" className="text-danger">
            {words(error)}
          </p>
        ) : null}
        <Button kind="primary" type="submit" busy={busy}>
          {submit}
        </Button>
      </form>
    </DoorFrame>
  );
}

/** The frame alone, for a door that does not open. */
export function DoorFrame({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="flex min-h-dvh items-center justify-center bg-sunken p-4">
      <div className="flex w-full max-w-sm flex-col gap-4 rounded-xl border border-line bg-raised p-6 shadow-sm">
        <div className="flex items-center gap-3">
          <Logo />
          <h1 className="min-w-0 flex-1 text-lg font-semibold">{title}</h1>
        </div>
        {children}
      </div>
    </main>
  );
}
