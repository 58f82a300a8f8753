/** A search field that reports after a short pause, and is focused by `/`. */
import { Search as Icon } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { cx } from './class-names.ts';
import { inputClass } from './field.tsx';

const PAUSE_MS = 250;

export function Search({ value, onChange, label }: { value: string; onChange: (value: string) => void; label: string }) {
  const [text, setText] = useState(value);
  const sent = useRef(value);
  useEffect(() => {
    if (value !== sent.current) setText(value);
    sent.current = value;
  }, [value]);
  useEffect(() => {
    if (text === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = text;
      onChange(text);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, onChange]);
  return (
    <div className="relative min-w-0 flex-1 max-sm:basis-full sm:max-w-sm">
      <Icon aria-hidden className="pointer-events-none absolute top-2.25 left-2.5 size-3.5 text-faint" />
      <input
        type="search"
        data-search
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.preventDefault(); // some browsers would empty the field
          event.currentTarget.blur();
        }}
        className={cx(inputClass, 'peer h-8 pr-8 pl-8 [&::-webkit-search-cancel-button]:hidden')}
      />
      <kbd
        aria-hidden
        className="pointer-events-none absolute top-1.5 right-2 rounded border border-line px-1.5 text-2xs text-faint peer-focus:hidden max-md:hidden"
      >
        /
      </kbd>
    </div>
  );
}
