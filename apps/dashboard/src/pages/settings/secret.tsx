/** A secret in a row: masked until it is asked for, copied whole. */
import { Eye, EyeOff } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '../../ui/button.tsx';
import { mask } from '../../ui/code.tsx';
import { CopyButton } from '../../ui/copy.tsx';

export function Secret({ value, name }: { value: string; name: string }) {
  const [shown, setShown] = useState(false);
  return (
    <span className="inline-flex max-w-full items-center gap-0.5">
      <code className="min-w-0 text-xs [overflow-wrap:anywhere]">{shown ? value : mask(value)}</code>
      <IconButton className="relative -my-1" label={`${shown ? 'Hide' : 'Reveal'} ${name}`} onClick={() => setShown(!shown)}>
        {shown ? <EyeOff aria-hidden className="size-3.5" /> : <Eye aria-hidden className="size-3.5" />}
      </IconButton>
      <CopyButton text={value} label={`Copy ${name}`} />
    </span>
  );
}
