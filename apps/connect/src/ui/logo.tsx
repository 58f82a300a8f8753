/** The logo of a service, or its initial on a tint of its own when there is none. */
import { useState } from 'react';

const sizes = { medium: 'size-9 rounded-lg text-sm', large: 'size-12 rounded-xl text-lg' };
type LogoProps = { name: string; src: string; size?: keyof typeof sizes };

export function ServiceLogo({ name, src, size = 'medium' }: LogoProps) {
  const [isMissing, setMissing] = useState(src === '');
  if (!isMissing) return <img src={src} alt="" className={`shrink-0 object-contain ${sizes[size]}`} onError={() => setMissing(true)} />;
  return (
    <span
      aria-hidden
      className={`inline-flex shrink-0 items-center justify-center border border-line bg-sunken font-semibold text-ink uppercase ${sizes[size]}`}
    >
      {[...name.trim()][0] ?? '?'}
    </span>
  );
}
