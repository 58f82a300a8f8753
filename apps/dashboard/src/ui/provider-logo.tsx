/** A provider's logo, or its initial on a tint of its own when there is none. Only images of our own origin are loaded. */
import { useState } from 'react';
import { cx } from './class-names.ts';

/** Addresses that had no image, so that a list of them is not asked for again and again. */
const missing = new Set<string>();
const sizes = { small: 'size-6 rounded-md text-2xs', medium: 'size-8 rounded-lg text-xs', large: 'size-11 rounded-xl text-base' };
type LogoProps = { name: string; src?: string | undefined; size?: keyof typeof sizes };

export function ProviderLogo({ name, src, size = 'medium' }: LogoProps) {
  const [, setFailed] = useState(false);
  const own = src ? ownPath(src) : undefined;
  if (own && !missing.has(own)) {
    const forget = () => {
      missing.add(own);
      setFailed(true);
    };
    return <img src={own} alt="" className={cx('shrink-0 object-contain', sizes[size])} onError={forget} />;
  }
  const hue = [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360, 7);
  return (
    <span
      aria-hidden
      className={cx('inline-flex shrink-0 items-center justify-center font-semibold uppercase', sizes[size])}
      style={{ background: `oklch(0.62 0.11 ${hue} / 0.18)`, color: `light-dark(oklch(0.42 0.12 ${hue}), oklch(0.82 0.1 ${hue}))` }}
    >
      {name.replace(/[^a-z0-9]/gi, '').charAt(0) || '?'}
    </span>
  );
}

/** The path of an image that this server has, whatever public address it is written with. */
function ownPath(src: string): string | undefined {
  const url = URL.parse(src, location.origin);
  return url?.origin === location.origin ? url.pathname : undefined;
}
