/** A value once it has stopped changing, for what is too much work at each keystroke. */
import { useEffect, useState } from 'react';

const PAUSE_MS = 300;

export function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
