// A page that failed: what went wrong in words, and the way back. What was typed is kept on this device.
import type { ErrorComponentProps } from '@tanstack/react-router';
import { Failure } from '../components/bits.tsx';

export function PageFault({ error, reset }: ErrorComponentProps) {
  return <Failure error={error} again={reset} />;
}
